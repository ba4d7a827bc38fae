"""Who contracts a plan for its people: a company by its CNPJ, or a person with employees by the CAEPF or the older CEI.

Pure. The SIB takes at most one of the three for a link.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from beneficiaries.domain.csv_columns import PARTY_COLUMNS
from beneficiaries.domain.identifiers import (
    caepf_is_valid,
    cei_is_valid,
    cnpj_is_valid,
    format_caepf,
    format_cei,
    format_cnpj,
    mask_caepf,
)
from beneficiaries.domain.number_cells import InvalidValue
from cnsportal.formats.br import mask_with_bullets

FORMATS = {"cnpj": format_cnpj, "caepf": format_caepf, "cei": format_cei}
NOT_A_NUMBER = "não é um CNPJ, CAEPF ou CEI válido; confira os dígitos."


KINDS = tuple(FORMATS)


class ContractingParty(NamedTuple):
    kind: str  # one of KINDS
    number: str

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> "ContractingParty | None":
        """What a row of the registry's file names; beneficiaries.domain.row_rules sees to it that it is one."""
        named = ((kind, values.get(column)) for column, kind in PARTY_COLUMNS.items())
        return next((cls(kind, str(number)) for kind, number in named if number), None)

    @classmethod
    def of(cls, *numbers: str | None) -> "ContractingParty | None":
        """Of a CNPJ, a CAEPF and a CEI the one that is there."""
        return next((cls(kind, number) for kind, number in zip(KINDS, numbers, strict=True) if number), None)

    @classmethod
    def read(cls, text: str) -> "ContractingParty":
        """What somebody typed; no number passes the check digits of two kinds. Raises InvalidValue."""
        number = "".join(filter(str.isalnum, text.upper()))
        rules = {"cnpj": cnpj_is_valid, "caepf": caepf_is_valid, "cei": cei_is_valid}
        for kind, is_valid in rules.items():
            if is_valid(number):
                return cls(kind, number)
        raise InvalidValue(NOT_A_NUMBER)

    @property
    def formatted(self) -> str:
        return FORMATS[self.kind](self.number)

    @property
    def column(self) -> str:
        return next(column for column, kind in PARTY_COLUMNS.items() if kind == self.kind)

    def __str__(self) -> str:
        """As a page shows it: a CAEPF, which has the digits of a CPF, masked."""
        shown = mask_with_bullets(mask_caepf(self.number)) if self.kind == "caepf" else self.formatted
        return f"{self.kind.upper()} {shown}"


def by_kind(parties: Iterable[ContractingParty]) -> dict[str, list[str]]:
    """Their numbers, sorted, under each kind."""
    found: dict[str, list[str]] = {}
    for party in sorted(set(parties)):
        found.setdefault(party.kind, []).append(party.number)
    return found
