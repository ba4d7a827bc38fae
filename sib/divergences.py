"""Which fields of a record say something else than the registry, as people mean it: accents and case tell nothing.

Pure. Fields bear their names of the schema (reference §8.1); those of the identity come first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from beneficiaries.likeness import Agreement, likeness
from beneficiaries.names import fold


class Kind(StrEnum):
    DIFFERENT = "DIFFERENT"
    SPELLING = "SPELLING"  # a name that on one side is abbreviated, or lacks middle names or a «de»
    BLANK_HERE = "BLANK_HERE"
    BLANK_THERE = "BLANK_THERE"


@dataclass(frozen=True, slots=True)
class Divergence:
    field: str
    ours: str
    theirs: str
    kind: Kind

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @property
    def counts(self) -> bool:
        """Whether it makes the record differ: a blank here is our gap, a blank there matters in what ANS asks for.

        Who contracts matters always: a link without it is an individual's.
        """
        if self.field in PARTIES:
            return True
        if self.kind is Kind.BLANK_THERE:
            return self.field in _ASKED_FOR
        return self.kind is not Kind.BLANK_HERE


PARTIES = ("cnpjEmpresaContratante", "caepfEmpresaContratante", "ceiEmpresaContratante")
_ASKED_FOR = {"cpf", "nomeMae"}
_NAMES = {"nome", "nomeMae"}
_CODES = {"codigoBeneficiario"}  # zeros in front mean nothing
FIELDS: tuple[tuple[str, str, str, int], ...] = (
    ("cpf", "our_cpf", "cpf", 0),
    ("nome", "our_name", "nome", 0),
    ("dataNascimento", "our_birth_date", "data_nascimento", 0),
    ("nomeMae", "our_mother_name", "nome_mae", 0),
    ("sexo", "our_sex", "sexo", 0),
    ("pisPasep", "our_pis_pasep", "pis_pasep", 0),
    ("dn", "our_dn", "dn", 0),
    ("logradouro", "our_street", "logradouro", 50),
    ("numero", "our_house", "numero", 5),
    ("complemento", "our_complement", "complemento", 15),
    ("bairro", "our_district", "bairro", 30),
    ("codigoMunicipio", "our_city_code", "codigo_municipio", 0),
    ("cep", "our_postal_code", "cep", 0),
    ("codigoBeneficiario", "our_code", "codigo_beneficiario", 0),
    ("relacaoDependencia", "relationship", "relacao_dependencia", 0),
    ("ccoBeneficiarioTitular", "our_holder", "cco_beneficiario_titular", 0),
    ("dataContratacao", "contracted_on", "data_contratacao", 0),
    ("dataReativacao", "reactivated_on", "data_reativacao", 0),
    ("dataCancelamento", "cancelled_on", "data_cancelamento", 0),
    ("motivoCancelamento", "cancellation_reason", "motivo_cancelamento", 0),
    ("numeroPlanoANS", "our_plan", "numero_plano_ans", 0),
    ("numeroPlanoOperadora", "our_plan_code", "numero_plano_operadora", 0),
    ("cnpjEmpresaContratante", "our_cnpj", "cnpj_empresa_contratante", 0),
    ("caepfEmpresaContratante", "our_caepf", "caepf_empresa_contratante", 0),
    ("ceiEmpresaContratante", "our_cei", "cei_empresa_contratante", 0),
)
"""Field, its keys on our side and on theirs in a row of sib.queries, and how long the SIB lets it be (0: as it is)."""


def divergences(row: Mapping[str, Any]) -> tuple[Divergence, ...]:
    """Of a row of sib.queries that has a link."""
    return tuple(_divergences(row))


def _divergences(row: Mapping[str, Any]) -> Iterator[Divergence]:
    for field, ours_key, theirs_key, longest in FIELDS:
        ours, theirs = _text(row[ours_key]), _text(row[theirs_key])
        if kind := _kind(field, ours[:longest] if longest else ours, theirs):
            yield Divergence(field, ours, theirs, kind)


def _kind(field: str, ours: str, theirs: str) -> Kind | None:
    if ours == theirs or fold(ours) == fold(theirs) or (field in _CODES and ours.lstrip("0") == theirs.lstrip("0")):
        return None
    if not ours or not theirs:
        return Kind.BLANK_THERE if ours else Kind.BLANK_HERE
    alike = field in _NAMES and likeness(ours, theirs) in {Agreement.ABBREVIATED, Agreement.EQUAL}
    return Kind.SPELLING if alike else Kind.DIFFERENT


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
