"""The columns of the registry's CSV file, named as in the SIB, and how the text of each becomes a value.

Dates ISO or dd/mm/aaaa, numbers punctuated or not. Spreadsheets eat leading zeros: CPF, CNPJ, CEP and CCO get them
back in files, and in files alone (TYPED); a CNS never does, since none begins with zero.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from beneficiaries.domain.ans_vocabularies import (
    ACCOMMODATIONS,
    CANCELLATION_REASONS,
    CONTRACTINGS,
    COVERAGE_AREAS,
    FORMER_CANCELLATION_REASONS,
    REGULATIONS,
    SEGMENTATIONS,
    WAITING_UNITS,
    YES_OR_NO,
    as_written,
    key_of,
)
from beneficiaries.domain.identifiers import caepf_is_valid, cei_is_valid, cpf_is_valid, digits
from beneficiaries.domain.names import composed, fold
from beneficiaries.domain.number_cells import InvalidValue, cnpj, municipality, number_of, plain_number
from beneficiaries.domain.placeholders import is_zeros, without_placeholder
from beneficiaries.formats.cell_text import day_order, is_scientific, probable_origin, symbols_of_no_name, whole_part
from operators.formats.display_names import title_problem, visible

REQUIRED = ("codigoBeneficiario", "nome", "dataNascimento", "relacaoDependencia", "dataContratacao")
COLUMNS = (
    "codigoBeneficiario",
    "cco",
    "cpf",
    "dn",
    "pisPasep",
    "cns",
    "nome",
    "nomeSocial",
    "sexo",
    "dataNascimento",
    "nomeMae",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "codigoMunicipio",
    "cep",
    "codigoBeneficiarioTitular",
    "relacaoDependencia",
    "dataContratacao",
    "dataReativacao",
    "dataCancelamento",
    "motivoCancelamento",
    "numeroPlanoANS",
    "numeroPlanoOperadora",
    "cnpjEmpresaContratante",
    "caepfEmpresaContratante",
    "ceiEmpresaContratante",
    "email",
    "telefone",
    "dataInicioCobertura",
    "dataFimCPT",
    "carenciaAmbulatorial",
    "fimCarenciaAmbulatorial",
    "carenciaHospitalar",
    "fimCarenciaHospitalar",
    "carenciaParto",
    "fimCarenciaParto",
    "carenciaOdontologica",
    "fimCarenciaOdontologica",
    "nomePlano",
    "segmentacao",
    "acomodacao",
    "abrangencia",
    "contratacao",
    "regulamentacao",
    "numeroContrato",
    "dataAssinaturaContrato",
    "empresarioIndividual",
    "razaoSocialContratante",
    "nomeFantasiaContratante",
    "cnpjAdministradora",
    "razaoSocialAdministradora",
    "nomeFantasiaAdministradora",
)
WAITING = {
    "carenciaAmbulatorial": ("A", "fimCarenciaAmbulatorial"),
    "carenciaHospitalar": ("H", "fimCarenciaHospitalar"),
    "carenciaParto": ("P", "fimCarenciaParto"),
    "carenciaOdontologica": ("O", "fimCarenciaOdontologica"),
}
"""Column of the term → group of procedures, column of the day on which it ends."""
PARTY_COLUMNS = {
    "cnpjEmpresaContratante": "cnpj",
    "caepfEmpresaContratante": "caepf",
    "ceiEmpresaContratante": "cei",
}
"""Column of the contracting party → the field of a company that it is."""
RELATIONSHIPS = frozenset({"1", "3", "4", "6", "8", "10"})
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_ISO = re.compile("(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[ T].*|Z|[+-][0-9]{2}:[0-9]{2})?")
_BRAZILIAN = re.compile("(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})(?: .*)?")
_NO_DAY = "não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."
_MONTH_FIRST = "está com o mês na frente; use aaaa-mm-dd ou dd/mm/aaaa."
_DIGIT = re.compile(r"\d")
_NONE = frozenset({"0", "NAO HA", "NENHUMA", "SEM CARENCIA", "ISENTO"})
_UNITS = as_written(WAITING_UNITS)
_TERM = re.compile("([0-9]{1,4}) ?([A-Z]+)")
NO_TERM = "0"
Values = dict[str, str | date | None]


def _plain(longest: int) -> Callable[[str], str]:
    """Without control characters, which neither paper nor XML can bear."""
    whole = _whole(longest)
    return lambda text: whole(text if text.isprintable() else visible(" ".join(text.split())))


def _whole(longest: int) -> Callable[[str], str]:
    def clean(text: str) -> str:
        text = " ".join(composed(text).split())
        if len(text) > longest:
            raise InvalidValue(f"tem {len(text)} caracteres; o limite é {longest}.")
        if UNREADABLE in text:
            raise InvalidValue("tem um caractere ilegível; exporte o arquivo de novo em UTF-8.")
        return text

    return clean


def _code(longest: int) -> Callable[[str], str]:
    """As ``_plain``; but of digits that a spreadsheet rounded nobody knows the rest."""
    plain = _plain(longest)

    def clean(text: str) -> str:
        if is_scientific(text):
            plain_number(text)
        return plain(text)

    return clean


def _title(longest: int) -> Callable[[str], str]:
    """Of a company or a plan."""

    def clean(text: str) -> str:
        text = _plain(longest)(visible(text))
        if problem := title_problem(text):
            raise InvalidValue(problem)
        return text

    return clean


def _name(text: str) -> str:
    text = _whole(150)(text)
    if _DIGIT.search(text):
        raise InvalidValue("um nome não tem números.")
    if symbols := symbols_of_no_name(text):
        origin = probable_origin(text)
        cure = f"; o texto parece vir {origin}: exporte-o em UTF-8." if origin else "."
        raise InvalidValue(f"tem símbolos que nenhum nome tem ({symbols[:5]}){cure}")
    if not (text.isascii() and text[0].isalpha()) and not 0 < len(fold(text)) <= 150:  # ligatures unfold
        raise InvalidValue("não parece um nome.")
    return text


def _or_blank(clean: Callable[[str], str | None]) -> Callable[[str], str]:
    return lambda text: clean(text) or ""


def _one_of(vocabulary: Mapping[str, tuple[str, ...]], what: str) -> Callable[[str], str]:
    """The code of a closed vocabulary, written as beneficiaries.domain.ans_vocabularies allows."""
    codes = as_written(vocabulary)

    def clean(text: str) -> str:
        code = codes.get(text) or codes.get(key_of(whole_part(text)))
        if code is None:
            raise InvalidValue(f"use {what}.")
        return code

    return clean


def _term(text: str) -> str:
    """``24 h``, ``180 dias``, ``10 meses`` → ``24 H``, ``180 D``, ``10 M``; that there is none → NO_TERM."""
    written = fold(text)
    if written in _NONE:
        return NO_TERM
    found = _TERM.fullmatch(written)
    unit = _UNITS.get(found[2]) if found else None
    if not found or not unit:
        raise InvalidValue("use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”.")
    return f"{int(found[1])} {unit}" if int(found[1]) else NO_TERM


def _day(text: str) -> date:
    """``2024-02-29`` or ``29/02/2024``; a time of day or a zone behind it is dropped."""
    if day_order(text) == "month":
        raise InvalidValue(_MONTH_FIRST)
    if not (written := _ISO.fullmatch(text) or _BRAZILIAN.fullmatch(text)):
        raise InvalidValue(_NO_DAY)
    try:
        return date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:
        raise InvalidValue(_NO_DAY) from None


def _email(text: str) -> str:
    text = _plain(254)(text)
    if "@" not in text[1:-1] or " " in text:
        raise InvalidValue("não parece um endereço de e-mail.")
    return text


CLEANERS: dict[str, Callable[[str], str | date | None]] = {  # of text that is stripped and not blank
    "codigoBeneficiario": _code(30),
    "cco": number_of(12, pad=True),
    "cpf": number_of(11, pad=True, is_valid=cpf_is_valid),
    "dn": _or_blank(number_of(11)),
    "pisPasep": _or_blank(number_of(11)),
    "cns": lambda text: text if is_scientific(text) else digits(whole_part(text)) or text,  # attach_cns judges it
    "nome": _name,
    "nomeSocial": _name,
    "sexo": _one_of({"1": ("M",), "3": ("F",)}, "1 (masculino) ou 3 (feminino)"),
    "dataNascimento": _day,
    "nomeMae": _name,
    "logradouro": _plain(100),
    "numero": _code(10),
    "complemento": _plain(50),
    "bairro": _plain(60),
    "codigoMunicipio": municipality,
    "cep": _or_blank(number_of(8, pad=True)),
    "codigoBeneficiarioTitular": _code(30),
    "relacaoDependencia": _one_of(dict.fromkeys(RELATIONSHIPS, ()), "1, 3, 4, 6, 8 ou 10"),
    "dataContratacao": _day,
    "dataReativacao": _day,
    "dataCancelamento": _day,
    "motivoCancelamento": _one_of(
        CANCELLATION_REASONS | FORMER_CANCELLATION_REASONS,
        "41 (iniciativa do beneficiário), 42 (desligamento da empresa), 43 (inadimplência), 44 (óbito), "
        "46 (inclusão indevida), 47 (fraude) ou 48 (portabilidade)",
    ),
    "numeroPlanoANS": _or_blank(number_of(9)),
    "numeroPlanoOperadora": _code(20),
    "cnpjEmpresaContratante": cnpj(pad=True),
    "caepfEmpresaContratante": _or_blank(number_of(14, pad=True, is_valid=caepf_is_valid)),
    "ceiEmpresaContratante": _or_blank(number_of(12, pad=True, is_valid=cei_is_valid)),
    "email": _email,
    "telefone": _code(20),
    "dataInicioCobertura": _day,
    "dataFimCPT": _day,
    **dict.fromkeys(WAITING, _term),
    **{end: _day for _, end in WAITING.values()},
    "nomePlano": _title(100),
    "segmentacao": _one_of(
        SEGMENTATIONS, "o código da ANS (01 a 15) ou o nome, como “Ambulatorial + Hospitalar com obstetrícia”"
    ),
    "acomodacao": _one_of(ACCOMMODATIONS, "coletiva (enfermaria), individual (apartamento) ou sem acomodação"),
    "abrangencia": _one_of(
        COVERAGE_AREAS,
        "1 (nacional), 2 (grupo de estados), 3 (estadual), 4 (grupo de municípios), 5 (municipal) ou 6 (outras)",
    ),
    "contratacao": _one_of(
        CONTRACTINGS, "1 (individual ou familiar), 2 (coletivo empresarial) ou 3 (coletivo por adesão)"
    ),
    "regulamentacao": _one_of(REGULATIONS, "regulamentado, não-regulamentado ou adaptado"),
    "numeroContrato": _code(20),
    "dataAssinaturaContrato": _day,
    "empresarioIndividual": _one_of(YES_OR_NO, "S (sim) ou N (não)"),
    "razaoSocialContratante": _title(150),
    "nomeFantasiaContratante": _title(100),
    "cnpjAdministradora": cnpj(pad=True),
    "razaoSocialAdministradora": _title(150),
    "nomeFantasiaAdministradora": _title(100),
}
TYPED: dict[str, Callable[[str], str | date | None]] = {
    **CLEANERS,
    "cco": number_of(12),
    "cpf": number_of(11, is_valid=cpf_is_valid),
    "cep": _or_blank(number_of(8)),
    "cnpjEmpresaContratante": cnpj(),
    "caepfEmpresaContratante": _or_blank(number_of(14, is_valid=caepf_is_valid)),
    "ceiEmpresaContratante": _or_blank(number_of(12, is_valid=cei_is_valid)),
    "cnpjAdministradora": cnpj(),
}
"""Of what people write on a screen: no leading zero is ever put in front."""
DAYS = frozenset(column for column, clean in CLEANERS.items() if clean is _day)
NULLABLE = frozenset({"cco", "cpf", "cns", *DAYS})
BLANKS: Values = {column: None if column in NULLABLE else "" for column in COLUMNS}
"""What a blank cell means; no cleaner is asked."""

_CODES = frozenset({"codigoBeneficiario", "codigoBeneficiarioTitular", "numeroPlanoOperadora", "numeroContrato"})
_NOT_ZERO = frozenset("123456789")
_NEVER_ZERO = DAYS | {
    *("cco", "cpf", "dn", "pisPasep", "cns", "nome", "nomeSocial", "nomeMae", "codigoMunicipio", "cep", "telefone"),
    *("motivoCancelamento", "numeroPlanoANS", *PARTY_COLUMNS, "cnpjAdministradora"),
}


def told(column: str, text: str) -> str:
    """The text of a cell; "" where it only says that there is nothing, as NULL does, or zeros in place of a number."""
    if text[:1] in _NOT_ZERO:
        return text
    if column in WAITING and fold(text) in _NONE:
        return text
    if column in _NEVER_ZERO and is_zeros(text):
        return ""
    return without_placeholder(text, is_code=column in _CODES)
