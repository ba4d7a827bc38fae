"""Differences between a record and the registry, field by field; accents and case are ignored.

Pure. Fields have their names of the schema (docs/reference/sib.md §8.1); those of the identity come first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from beneficiaries.domain.field_comparison import Agreement, likeness
from beneficiaries.domain.names import fold
from beneficiaries.domain.placeholders import without_placeholder
from cnsportal.formats.labelled import LabelledEnum
from sib.formats.address_lines import MAX_FIELD_CHARACTERS, is_cut_short
from sib.formats.sbx.writer import as_sent


class DifferenceKind(LabelledEnum):
    DIFFERENT = "DIFFERENT", "diferente", "bad"
    # a name that on one side is abbreviated, only begun, or lacks middle names or a «de»
    SPELLING = "SPELLING", "outra grafia", "warn"
    BLANK_HERE = "BLANK_HERE", "falta aqui", "warn"
    BLANK_THERE = "BLANK_THERE", "falta na ANS", "warn"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    field: str
    ours: str
    theirs: str
    kind: DifferenceKind

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @property
    def counts(self) -> bool:
        """Whether it makes the record differ: a blank here is our gap, a blank there matters in what ANS asks for.

        Who contracts matters always: a link without it is an individual's.
        """
        if self.field in PARTIES:
            return True
        if self.kind is DifferenceKind.BLANK_THERE:
            return self.field in _ASKED_FOR
        return self.kind is not DifferenceKind.BLANK_HERE


PARTIES = ("cnpjEmpresaContratante", "caepfEmpresaContratante", "ceiEmpresaContratante")
_ASKED_FOR = {"cpf", "nomeMae"}
_NAMES = {"nome", "nomeMae"}
_ALIKE = {Agreement.EQUAL, Agreement.ABBREVIATED, Agreement.UNKNOWN}
_CODES = {"codigoBeneficiario"}  # zeros in front mean nothing
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("cpf", "our_cpf", "cpf"),
    ("nome", "our_name", "nome"),
    ("dataNascimento", "our_birth_date", "data_nascimento"),
    ("nomeMae", "our_mother_name", "nome_mae"),
    ("sexo", "our_sex", "sexo"),
    ("pisPasep", "our_pis_pasep", "pis_pasep"),
    ("dn", "our_dn", "dn"),
    ("logradouro", "our_street", "logradouro"),
    ("numero", "our_house", "numero"),
    ("complemento", "our_complement", "complemento"),
    ("bairro", "our_district", "bairro"),
    ("codigoMunicipio", "our_city_code", "codigo_municipio"),
    ("cep", "our_postal_code", "cep"),
    ("codigoBeneficiario", "our_code", "codigo_beneficiario"),
    ("relacaoDependencia", "relationship", "relacao_dependencia"),
    ("ccoBeneficiarioTitular", "our_holder", "cco_beneficiario_titular"),
    ("dataContratacao", "contracted_on", "data_contratacao"),
    ("dataReativacao", "reactivated_on", "data_reativacao"),
    ("dataCancelamento", "cancelled_on", "data_cancelamento"),
    ("motivoCancelamento", "cancellation_reason", "motivo_cancelamento"),
    ("numeroPlanoANS", "our_plan", "numero_plano_ans"),
    ("numeroPlanoOperadora", "our_plan_code", "numero_plano_operadora"),
    ("cnpjEmpresaContratante", "our_cnpj", "cnpj_empresa_contratante"),
    ("caepfEmpresaContratante", "our_caepf", "caepf_empresa_contratante"),
    ("ceiEmpresaContratante", "our_cei", "cei_empresa_contratante"),
)
"""Field, and its keys on our side and on theirs in a row of sib.queries.staged_records."""


def field_differences(row: Mapping[str, Any]) -> tuple[FieldDifference, ...]:
    """Of a row of sib.queries.staged_records that has a link."""
    return tuple(_divergences(row))


def _divergences(row: Mapping[str, Any]) -> Iterator[FieldDifference]:
    for field, ours_key, theirs_key in FIELDS:
        ours, theirs = _text(row[ours_key]), _text(row[theirs_key])
        if field in _NAMES:
            ours, theirs = without_placeholder(ours), without_placeholder(theirs)
        if kind := _kind(field, ours, theirs):
            yield FieldDifference(field, ours, theirs, kind)


def _kind(field: str, ours: str, theirs: str) -> DifferenceKind | None:
    if ours == theirs or fold(ours) == fold(theirs) or (field in _CODES and ours.lstrip("0") == theirs.lstrip("0")):
        return None
    if field in MAX_FIELD_CHARACTERS and _is_as_sent(field, ours, theirs):
        return None
    if not ours or not theirs:
        return DifferenceKind.BLANK_THERE if ours else DifferenceKind.BLANK_HERE
    alike = field in _NAMES and likeness(ours, theirs) in _ALIKE
    return DifferenceKind.SPELLING if alike else DifferenceKind.DIFFERENT


def _is_as_sent(field: str, ours: str, theirs: str) -> bool:
    """Whether ANS has what the SIB has room for, shortened by us or cut by others."""
    return fold(as_sent(field, ours)) == fold(theirs) != "" or is_cut_short(field, fold(ours), fold(theirs))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
