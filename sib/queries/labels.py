"""Labels of fields, actions and results, on pages and in receipts."""

from itertools import chain

from beneficiaries.domain.identifiers import mask_caepf, mask_cns, mask_cpf
from beneficiaries.models import Sex
from beneficiaries.models.links import Relationship
from beneficiaries.services import Attachment
from cnsportal.formats.br import format_iso_date, mask_with_bullets
from sib.domain.reconcile import DifferenceAction
from sib.domain.sbx_rules import REASONS
from sib.formats.cnx.record import ATTRIBUTES, BLOCKS, CnxRecord
from sib.queries.apply_summary import REVERTED

FIELDS = {
    "cpf": "CPF",
    "nome": "Nome",
    "dataNascimento": "Nascimento",
    "nomeMae": "Nome da mãe",
    "sexo": "Sexo",
    "pisPasep": "PIS/PASEP",
    "dn": "Nascido vivo (DN)",
    "logradouro": "Logradouro",
    "numero": "Número",
    "complemento": "Complemento",
    "bairro": "Bairro",
    "codigoMunicipio": "Município (IBGE)",
    "cep": "CEP",
    "relacaoDependencia": "Dependência",
    "dataContratacao": "Contratação",
    "numeroPlanoANS": "Plano na ANS",
    "numeroPlanoOperadora": "Plano na operadora",
    "cnpjEmpresaContratante": "CNPJ da empresa",
    "cco": "CCO",
    "cns": "CNS",
    "situacao": "Situação",
    "dataAtualizacao": "Atualizado na ANS",
    "codigoMunicipioResidencia": "Município de residência (IBGE)",
    "tipoEndereco": "Tipo de endereço",
    "resideExterior": "Mora no exterior",
    "codigoBeneficiario": "Código do beneficiário",
    "ccoBeneficiarioTitular": "CCO do titular",
    "dataPrimeiraContratacao": "Primeira contratação",
    "dataReativacao": "Reativação",
    "dataCancelamento": "Cancelamento",
    "motivoCancelamento": "Motivo do cancelamento",
    "numeroPlanoPortabilidade": "Plano de portabilidade",
    "coberturaParcialTemporaria": "Cobertura parcial temporária",
    "itensExcluidosCobertura": "Itens excluídos da cobertura",
    "ceiEmpresaContratante": "CEI da empresa",
    "caepfEmpresaContratante": "CAEPF da empresa",
}
SCHEMA_NAMES: dict[str, str] = dict(zip(CnxRecord._fields[1:-2], chain(ATTRIBUTES, *BLOCKS.values()), strict=True))
"""Names of the schema (docs/reference/sib.md §8.1) by column."""

PERSONAL = frozenset({"cpf", "pisPasep", "dn", "caepfEmpresaContratante"})
"""Fields that are shown masked."""

PERSONAL_NUMBERS = PERSONAL | {"cns"}

DONE = {
    **{answer.name: answer.value for answer in Attachment},
    "CHANGED_SINCE": "o cadastro mudou depois do ensaio; nada foi gravado",
    REVERTED: "desfeito",
    "FOUNDED": "trazido para o cadastro",
    DifferenceAction.REVIEW: "revisão aberta",
    DifferenceAction.QUARANTINE: "aviso posto na pessoa",
    DifferenceAction.GIVE_CCO: "CCO gravado",
}
ACTION_LABELS = {
    DifferenceAction.ATTACH: "grava o CNS",
    DifferenceAction.REVIEW: "abre uma revisão",
    DifferenceAction.QUARANTINE: "avisa na pessoa",
    DifferenceAction.GIVE_CCO: "grava o CCO",
}
_CODES: dict[str, dict[str, str]] = {
    "situacao": {"ATIVO": "ativo", "INATIVO": "inativo"},
    "sexo": {code: str(label) for code, label in Sex.choices},
    "relacaoDependencia": {code: str(label) for code, label in Relationship.choices},
    "motivoCancelamento": {code: f"{label} ({code})" for code, label in REASONS.items()},
}


def applied_words(name: str) -> str:
    """What came of applying: by answer, or by action where the action has no answer."""
    return DONE.get(name, "registrado")


def field_label(field: str) -> str:
    return FIELDS.get(field, field)


def readable(field: str, text: str, *, in_full: bool = False) -> str:
    """A value of the SIB as people write it; personal numbers masked unless asked otherwise."""
    if not text:
        return ""
    if field == "cns" and not in_full:
        return mask_with_bullets(mask_cns(text))
    if field in PERSONAL and not in_full:
        return mask_with_bullets(mask_caepf(text) if field == "caepfEmpresaContratante" else mask_cpf(text))
    if field.startswith("data"):
        return format_iso_date(text)
    return _CODES.get(field, {}).get(text, text)
