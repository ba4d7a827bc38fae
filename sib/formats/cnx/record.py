"""One record of a conference (CNX): its fields in the order of the ANS schema, and how texts become values."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from json import dumps
from typing import NamedTuple

from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.domain.names import composed
from beneficiaries.domain.placeholders import is_placeholder

MAX_TEXT_CHARACTERS = 500  # the longest field of the SIB has 70


class Issue(NamedTuple):
    """Something of a record that could not be understood; the text as it came."""

    line: int
    field: str
    text: str
    reason: str


class CnxRecord(NamedTuple):
    """Texts of one line each, in the order of the staging columns; ``""`` is no value. Dates are ISO, numbers are
    digits only.
    """

    line: int
    cco: str
    situacao: str
    data_atualizacao: str
    cpf: str
    dn: str
    pis_pasep: str
    cns: str  # digits as they came, right or wrong: a wrong number must not pass for a blank one
    nome: str
    sexo: str
    data_nascimento: str
    nome_mae: str
    logradouro: str
    numero: str
    complemento: str
    bairro: str
    codigo_municipio: str
    codigo_municipio_residencia: str
    cep: str
    tipo_endereco: str
    reside_exterior: str
    codigo_beneficiario: str
    relacao_dependencia: str
    cco_beneficiario_titular: str
    data_primeira_contratacao: str
    data_contratacao: str
    data_reativacao: str
    data_cancelamento: str
    motivo_cancelamento: str
    numero_plano_ans: str
    numero_plano_portabilidade: str
    numero_plano_operadora: str
    cobertura_parcial_temporaria: str
    itens_excluidos_cobertura: str
    cnpj_empresa_contratante: str
    cei_empresa_contratante: str
    caepf_empresa_contratante: str
    outros: str  # JSON object of the fields that the schema does not know
    issues: tuple[Issue, ...]


class FieldKind(NamedTuple):
    """A kind of field: the text that needs no second look, and the reading of any other (value, or ValueError)."""

    plain: str  # regular expression
    read: Callable[[str], str]


_DAY = (
    r"(?:19|20)\d\d-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
# Markup, controls, what may be text in another encoding, what nobody sees, accents as letters of their own.
NOT_TEXT = r"<>&\\\x00-\x1f\x7f-\xbf\ufffe\uffff\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_ENDS = "(?![0-9A-Za-zÀ-ɏ])(?!/[Nn])"
_MAY_BE_PLACEHOLDER = (
    "(?![0-9BHJ-LOQRTWYZbhj-loqrtwyz])(?:[^A-Za-zÀ-ɏ]|"
    rf"[Nn](?:(?i:[ACDI]|[AÃã]O|A[NT]|ADA|ULL|ULO|IL|ONE|OT|ENHUMA?)?{_ENDS}|(?i:OME|[UÚú]MERO) )|"
    rf"[Mm][AÃaã][Ee] |[Ss](?:[Ee][Mm])?{_ENDS}|[Aa] (?i:INF|DEF|CON)|[Dd](?i:ESCONHECID|ADOS? )|"
    "[Ii](?i:GNORAD|NEXIST|NDISPON|NFORMA)|[Ee](?i:M BR|MPTY|RR:|NDERE[CÇç]O )|[Pp][Aa][Ii] |[Cc](?i:AMPO) |"
    "[Ff](?i:ILIA)|[Gg](?i:ENITOR)|[Xx]{3}|[Uu](?i:NDEFI|NKNOW)|[Vv](?i:AZIO))"
)
"""Every placeholder begins so, and few names do; the first letter alone lets most values pass."""

_TEXT = rf"(?!{_MAY_BE_PLACEHOLDER})[^ {NOT_TEXT}][^{NOT_TEXT}]{{0,{MAX_TEXT_CHARACTERS - 1}}}+"
_ZONED_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[^Z+-]*)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_ON_ONE_LINE = str.maketrans("\t\r\n", "   ")
_MASK = str.maketrans("", "", " .-/\t\r\n")


def number(length: int) -> FieldKind:
    """Digits, kept as text: masks fall away, zeros that a spreadsheet ate come back."""

    def read(text: str) -> str:
        digits = text.translate(_MASK)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= length):
            raise ValueError(f"não tem {length} dígitos")
        if not digits.strip("0"):
            raise ValueError("tem só zeros")
        return digits.zfill(length)

    return FieldKind(rf"(?!0{{{length}}})\d{{{length}}}", read)


def _read_cnpj(text: str) -> str:
    """As ``number(14)``; since July 2026 the first twelve may be letters."""
    word = text.translate(_MASK).upper()
    return word if _LETTERED_CNPJ(word) else _CNPJ_DIGITS.read(text)


def one_of(*codes: str) -> FieldKind:
    def read(text: str) -> str:
        code = text.strip().lstrip("0") or "0"
        if code not in codes:
            raise ValueError(f"não é um destes códigos: {', '.join(codes)}")
        return code

    return FieldKind("|".join(codes), read)


def _read_cns(text: str) -> str:
    number = text.translate(_MASK)[:30]
    if not number.strip("0"):
        raise ValueError("tem só zeros")
    return number


def _read_day(text: str) -> str:
    """An ``xsd:date`` may have a time zone, which makes no sense for a date of birth: it is dropped."""
    words = text.strip()
    if match := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", words):
        words = "-".join(reversed(match.groups()))
    elif zoned := _ZONED_DAY.fullmatch(words):
        words = zoned[1]
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise ValueError("não é uma data") from None


def _read_text(text: str) -> str:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"tem mais de {MAX_TEXT_CHARACTERS} letras")
    return composed(repaired(text)).translate(_ON_ONE_LINE)


def _read_value(text: str) -> str:
    text = _read_text(text)
    return "" if is_placeholder(text) else text


def _read_city(text: str) -> str:
    """IBGE's seventh digit only checks the others."""
    digits = text.translate(_MASK)
    found = find_municipality(digits) if len(digits) == 7 else None
    return found.code[:6] if found else _CITY.read(text)


def _read_word(text: str) -> str:
    return _read_text(text).strip().upper()


CODE = FieldKind(_TEXT, _read_text)
TEXT = FieldKind(_TEXT, _read_value)
_CITY = number(6)
CITY = FieldKind(_CITY.plain, _read_city)
WORD = FieldKind("[A-Z]{1,20}+", _read_word)
DAY = FieldKind(_DAY, _read_day)
CNS = FieldKind(r"(?!0{15})\d{15}", _read_cns)
FLAG = one_of("0", "1")
_CNPJ_DIGITS = number(14)
_LETTERED_CNPJ = re.compile(r"(?=[0-9A-Z]*[A-Z])[0-9A-Z]{12}[0-9]{2}").fullmatch
CNPJ = FieldKind(_CNPJ_DIGITS.plain, _read_cnpj)  # letters are still rare

_SUSPICIOUS = re.compile(r"[\x80-\xbf]").search

ATTRIBUTES: Mapping[str, FieldKind] = {"cco": number(12), "situacao": WORD, "dataAtualizacao": DAY}
BLOCKS: Mapping[str, Mapping[str, FieldKind]] = {
    "identificacao": {
        "cpf": number(11),
        "dn": number(11),
        "pisPasep": number(11),
        "cns": CNS,
        "nome": TEXT,
        "sexo": one_of("1", "3"),
        "dataNascimento": DAY,
        "nomeMae": TEXT,
    },
    "endereco": {
        "logradouro": TEXT,
        "numero": TEXT,
        "complemento": TEXT,
        "bairro": TEXT,
        "codigoMunicipio": CITY,
        "codigoMunicipioResidencia": CITY,
        "cep": number(8),
        "tipoEndereco": one_of("1", "2"),
        "resideExterior": FLAG,
    },
    "vinculo": {
        "codigoBeneficiario": CODE,
        "relacaoDependencia": one_of("1", "3", "4", "6", "8", "10"),
        "ccoBeneficiarioTitular": number(12),
        "dataPrimeiraContratacao": DAY,
        "dataContratacao": DAY,
        "dataReativacao": DAY,
        "dataCancelamento": DAY,
        "motivoCancelamento": number(2),
        "numeroPlanoANS": number(9),
        "numeroPlanoPortabilidade": number(9),
        "numeroPlanoOperadora": CODE,
        "coberturaParcialTemporaria": FLAG,
        "itensExcluidosCobertura": FLAG,
        "cnpjEmpresaContratante": CNPJ,
        "ceiEmpresaContratante": number(12),
        "caepfEmpresaContratante": number(14),
    },
}
FIELDS: Mapping[str, FieldKind] = {
    name: kind for fields in (ATTRIBUTES, *BLOCKS.values()) for name, kind in fields.items()
}
REQUIRED = ("cco", "situacao", "nome", "dataNascimento", "codigoBeneficiario")
_PLACES = {name.lower(): (place, name, kind) for place, (name, kind) in enumerate(FIELDS.items())}


def as_record(line: int, texts: Mapping[str, str], repeated: Mapping[str, str]) -> CnxRecord:
    """The record of these texts, by lower-case field name, none blank; ``repeated`` are those that came once more."""
    values = [""] * len(FIELDS)
    others: dict[str, str] = {}
    issues = [
        Issue(line, name, text[:MAX_TEXT_CHARACTERS], "apareceu mais de uma vez") for name, text in repeated.items()
    ]
    told = {key: text for key, text in texts.items() if not is_placeholder(text, is_code=True)}
    for key, text in told.items():
        if key in _PLACES:
            place, name, kind = _PLACES[key]
            values[place] = _value(line, name, kind, text, issues)
        else:
            others[key] = repaired(text)[:MAX_TEXT_CHARACTERS]
    issues += [Issue(line, name, "", "falta") for name in REQUIRED if name.lower() not in told]
    return CnxRecord._make((line, *values, dumps(others, ensure_ascii=False) if others else "", tuple(issues)))


def _value(line: int, name: str, kind: FieldKind, text: str, issues: list[Issue]) -> str:
    """The value of one field, ``""`` with an issue where its text is not one."""
    try:
        value = kind.read(text)
    except ValueError as error:
        issues.append(Issue(line, name, text[:MAX_TEXT_CHARACTERS], str(error)))
        return ""
    if kind is CNS and len(value) != 15:
        issues.append(Issue(line, name, text[:MAX_TEXT_CHARACTERS], "não tem 15 dígitos"))
    return value


def repaired(text: str) -> str:
    """The text as it was meant, where an editor saved UTF-8 or Windows-1252 under a label of ISO-8859-1."""
    if text.isascii() or not _SUSPICIOUS(text):
        return text
    for encoding in ("utf-8", "cp1252"):
        try:
            return text.encode("iso-8859-1").decode(encoding)
        except UnicodeError:
            continue
    return text
