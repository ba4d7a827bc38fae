"""Matches the rows of a file to links of the registry, or to new ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from beneficiaries.domain.contracting_party import KINDS, ContractingParty
from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.domain.row_rules import cpt_problem
from beneficiaries.models import Beneficiary
from beneficiaries.services.change_events import Changes
from beneficiaries.services.plans import Numbered, PlanKey, contract_ids, numbered_contracts, plan_ids
from cnsportal.formats.br import format_date
from operators.context import current_operator_id

LINK_FIELDS = [
    "plan",
    "contract",
    "cco",
    "relationship",
    "contracted_on",
    "reactivated_on",
    "cover_from",
    "cpt_until",
    "cancelled_on",
    "cancellation_reason",
]
_OF_A_CONTRACT = ("cnpjAdministradora", "dataAssinaturaContrato")


def known_links(rows: Sequence[Row]) -> dict[str, Beneficiary]:
    """By code, with their people; ``party_cnpj`` and its like are the numbers of the contract's company."""
    links = Beneficiary.objects.filter(code__in=[row.text("codigoBeneficiario") for row in rows])
    numbers = {_AT.format(kind): F(f"contract__company__{kind}") for kind in KINDS}
    found = links.select_related("person").annotate(**numbers)
    return {link.code: link for link in found}


_AT = "party_{}"
Anchor = tuple[int, int | None]  # plan, contract


def _party_of(link: Beneficiary) -> ContractingParty | None:
    return ContractingParty.of(*(getattr(link, _AT.format(kind), None) for kind in KINDS))


@dataclass
class Anchors:
    """What the links of a batch of rows hang on."""

    by_code: Mapping[str, Beneficiary]
    plans: dict[PlanKey, int]
    numbered: dict[str, Numbered]
    contracts: dict[ContractingParty, int]

    @classmethod
    def for_rows(cls, rows: Sequence[Row], claimed: dict[str, Numbered]) -> "Anchors":
        """Found, or made where they are new; ``claimed`` goes on from batch to batch."""
        claimed |= _numbered(rows, claimed)
        return cls(
            by_code=known_links(rows),
            plans=plan_ids(map(_plan_key, rows)),
            numbered=claimed,
            contracts=contract_ids(
                party
                for row in rows
                if not row.text("numeroContrato") and (party := ContractingParty.from_values(row.values))
            ),
        )

    def of(self, row: Row) -> Anchor:
        """No contract where the row names none: then the link keeps its own. Raises InvalidValue."""
        self._refuse_strange_contract(row)
        return self.plans[_plan_key(row)], self._contract_id(row)

    def _contract_id(self, row: Row) -> int | None:
        """By its number, else by its company; of a company with several contracts the link keeps its own."""
        if number := row.text("numeroContrato"):
            return self.numbered[number].pk
        party = ContractingParty.from_values(row.values)
        link = self.by_code.get(row.text("codigoBeneficiario"))
        if link and party and party == _party_of(link):
            return link.contract_id
        return self.contracts[party] if party else None

    def _refuse_strange_contract(self, row: Row) -> None:
        """What the row says of its contract against the registry, or too little of it."""
        number, party = row.text("numeroContrato"), ContractingParty.from_values(row.values)
        if number and party and self.numbered[number].party not in {None, party}:
            raise InvalidValue("este contrato já é de outra empresa.", "numeroContrato")
        link = self.by_code.get(row.text("codigoBeneficiario"))
        if number or party or (link and link.contract_id):
            return
        told = [column for column in _OF_A_CONTRACT if row.values.get(column)]
        if told or row.text("empresarioIndividual") == "S":
            raise InvalidValue("informe o contrato de que falam as outras colunas.", "numeroContrato")


@dataclass
class Links:
    """The links that a batch of rows is about, once it is known what they hang on."""

    by_code: dict[str, Beneficiary]
    ccos: dict[str, str]  # whose code has each CCO
    anchors: Mapping[int, Anchor]  # by line

    @classmethod
    def for_rows(cls, rows: Sequence[Row], by_code: dict[str, Beneficiary], anchors: Mapping[int, Anchor]) -> "Links":
        numbered = Beneficiary.objects.filter(cco__in={row.text("cco") for row in rows} - {""})
        return cls(by_code, {str(cco): code for cco, code in numbered.values_list("cco", "code")}, anchors)

    def refuse_contradictions(self, row: Row) -> None:
        """What the row says against the registry, or against earlier rows of the batch."""
        code, cco = row.text("codigoBeneficiario"), row.text("cco")
        if cco and self.ccos.setdefault(cco, code) != code:
            raise InvalidValue(f"o CCO já é do código {self.ccos[cco]}.")
        self._refuse_cancellation_undone(row)
        self._refuse_impossible_cpt(row)

    def _refuse_cancellation_undone(self, row: Row) -> None:
        """A file that knows no reactivation may still tell the cancellation before it."""
        link = self.by_code.get(row.text("codigoBeneficiario"))
        back, ended = link.reactivated_on if link else None, row.day("dataCancelamento")
        if back and ended and ended < back and not row.day("dataReativacao"):
            raise InvalidValue(
                f"é anterior à reativação de {format_date(back)}, que o cadastro tem.", "dataCancelamento"
            )

    def _refuse_impossible_cpt(self, row: Row) -> None:
        if not row.day("dataFimCPT") and not row.day("dataInicioCobertura"):
            return
        link = self.by_code.get(row.text("codigoBeneficiario"))
        known = link.cover_from if link else None
        reactivated = row.day("dataReativacao") or (link.reactivated_on if link else None)
        start = row.day("dataInicioCobertura") or known or reactivated or row.day("dataContratacao")
        until = row.day("dataFimCPT") or (link.cpt_until if link else None)
        if start and until and (problem := cpt_problem(start, until)):
            raise InvalidValue(problem, "dataFimCPT")

    def write(self, row: Row) -> tuple[Beneficiary, Changes]:
        """The link brought up to the row, and what changed of it. A blank says nothing."""
        code = row.text("codigoBeneficiario")
        link = self.by_code.get(code) or Beneficiary(operator_id=current_operator_id(), code=code)
        fields = {name: value for name, value in self._fields(row).items() if value} | _undone(row, link)
        changes: Changes = {
            name: (getattr(link, name), value) for name, value in fields.items() if getattr(link, name) != value
        }
        for name, value in fields.items():
            setattr(link, name, value)
        return link, changes

    def _fields(self, row: Row) -> dict[str, str | int | date | None]:
        plan_id, contract_id = self.anchors[row.line]
        return {
            "plan_id": plan_id,
            "contract_id": contract_id,
            "cco": row.text("cco"),
            "relationship": row.text("relacaoDependencia"),
            "contracted_on": row.day("dataContratacao"),
            "reactivated_on": row.day("dataReativacao"),
            "cover_from": row.day("dataInicioCobertura"),
            "cpt_until": row.day("dataFimCPT"),
            "cancelled_on": row.day("dataCancelamento"),
            "cancellation_reason": row.text("motivoCancelamento"),
        }


def _undone(row: Row, link: Beneficiary) -> dict[str, Any]:
    """A reactivation takes back the cancellation before it, which a blank alone never does."""
    reactivated = row.day("dataReativacao")
    if not reactivated or not link.cancelled_on or row.day("dataCancelamento") or link.cancelled_on > reactivated:
        return {}
    return {"cancelled_on": None, "cancellation_reason": ""}


def _plan_key(row: Row) -> PlanKey:
    ans = row.text("numeroPlanoANS")
    return ans, "" if ans else row.text("numeroPlanoOperadora")


def _numbered(rows: Iterable[Row], claimed: Mapping[str, Numbered]) -> dict[str, Numbered]:
    wanted: dict[str, ContractingParty | None] = {}
    for row in rows:
        if number := row.text("numeroContrato"):
            wanted[number] = wanted.get(number) or ContractingParty.from_values(row.values)
    return numbered_contracts(wanted, claimed) if wanted else {}
