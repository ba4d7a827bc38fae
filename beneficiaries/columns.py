"""The columns of the registry's CSV file, named as in the SIB, and how the text of each becomes a value.

Dates ISO or dd/mm/aaaa, numbers punctuated or not. Spreadsheets eat leading zeros: CPF, CNPJ, CEP and CCO get them
back; a CNS never does, since none begins with zero.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from beneficiaries.identifiers import cnpj_is_valid, cpf_is_valid, digits
from beneficiaries.names import fold
from beneficiaries.placeholders import is_zeros, without_placeholder
from beneficiaries.vocabularies import (
    ACCOMMODATIONS,
    CONTRACTINGS,
    COVERAGE_AREAS,
    REGULATIONS,
    SEGMENTATIONS,
    WAITING_UNITS,
    YES_OR_NO,
    as_written,
    key_of,
)

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
    "dataCancelamento",
    "motivoCancelamento",
    "numeroPlanoANS",
    "numeroPlanoOperadora",
    "cnpjEmpresaContratante",
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
RELATIONSHIPS = frozenset({"1", "3", "4", "6", "8", "10"})
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_ISO = re.compile("(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[ T].*)?")
_BRAZILIAN = re.compile("(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})(?: .*)?")
_NO_DAY = "não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."
_DIGIT = re.compile(r"\d")
_NONE = frozenset({"0", "NAO HA", "NENHUMA", "SEM CARENCIA", "ISENTO"})
_UNITS = as_written(WAITING_UNITS)
_TERM = re.compile("([0-9]{1,4}) ?([A-Z]+)")
NO_TERM = "0"
Values = dict[str, str | date | None]


class NotThisValue(ValueError):
    """A value that cannot be meant; the sentence says what is wrong with it, the column which one it is."""

    def __init__(self, sentence: str, column: str = "linha") -> None:
        super().__init__(sentence)
        self.column = column


def _plain(longest: int) -> Callable[[str], str]:
    def clean(text: str) -> str:
        text = " ".join(text.split())
        if len(text) > longest:
            raise NotThisValue(f"tem {len(text)} caracteres; o limite é {longest}.")
        if UNREADABLE in text:
            raise NotThisValue("tem um caractere ilegível; exporte o arquivo de novo em UTF-8.")
        return text

    return clean


def _name(text: str) -> str:
    text = _plain(150)(text)
    if _DIGIT.search(text):
        raise NotThisValue("um nome não tem números.")
    if not 0 < len(fold(text)) <= 150:  # ligatures unfold
        raise NotThisValue("não parece um nome.")
    return text


def _number(length: int, *, pad: bool, is_valid: Callable[[str], bool] | None = None) -> Callable[[str], str | None]:
    """Digits of a fixed length; a check-digit rule where there is one. None where nothing but punctuation stands."""

    def clean(text: str) -> str | None:
        found = digits(text)
        if not found:
            if text.strip(" .-/"):
                raise NotThisValue("deve ter só algarismos.")
            return None
        number = found.zfill(length) if pad else found
        if len(number) != length or (found != text and sum(map(str.isalnum, text)) > len(found)):
            raise NotThisValue(f"deve ter {length} algarismos.")
        if is_valid and not is_valid(number):
            raise NotThisValue("não passa nos dígitos de conferência.")
        return number

    return clean


def _or_blank(clean: Callable[[str], str | None]) -> Callable[[str], str]:
    return lambda text: clean(text) or ""


def _cnpj(text: str) -> str:
    number = "".join(filter(str.isalnum, text.upper()))
    number = number.zfill(14) if number.isdecimal() else number
    if number and not cnpj_is_valid(number):
        raise NotThisValue("não passa nos dígitos de conferência.")
    return number


def _city(text: str) -> str:
    """Código do município do IBGE: six digits; the seventh, where it is written, only checks the others."""
    return _or_blank(_number(6, pad=False))(text[:6] if len(text) == 7 else text)


def _one_of(vocabulary: Mapping[str, tuple[str, ...]], what: str) -> Callable[[str], str]:
    """The code of a closed vocabulary, written as beneficiaries.vocabularies allows."""
    codes = as_written(vocabulary)

    def clean(text: str) -> str:
        code = codes.get(text) or codes.get(key_of(text))
        if code is None:
            raise NotThisValue(f"use {what}.")
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
        raise NotThisValue("use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”.")
    return f"{int(found[1])} {unit}" if int(found[1]) else NO_TERM


def _day(text: str) -> date:
    """``2024-02-29`` or ``29/02/2024``; a time of day behind it is dropped."""
    if not (written := _ISO.fullmatch(text) or _BRAZILIAN.fullmatch(text)):
        raise NotThisValue(_NO_DAY)
    try:
        return date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:
        raise NotThisValue(_NO_DAY) from None


def _email(text: str) -> str:
    text = _plain(254)(text)
    if "@" not in text[1:-1] or " " in text:
        raise NotThisValue("não parece um endereço de e-mail.")
    return text


CLEANERS: dict[str, Callable[[str], str | date | None]] = {  # of text that is stripped and not blank
    "codigoBeneficiario": _plain(30),
    "cco": _number(12, pad=True),
    "cpf": _number(11, pad=True, is_valid=cpf_is_valid),
    "dn": _or_blank(_number(11, pad=False)),
    "pisPasep": _or_blank(_number(11, pad=False)),
    "cns": lambda text: digits(text) or text,  # attach_cns judges it; a wrong one does not cost the row
    "nome": _name,
    "nomeSocial": _name,
    "sexo": _one_of({"1": ("M",), "3": ("F",)}, "1 (masculino) ou 3 (feminino)"),
    "dataNascimento": _day,
    "nomeMae": _name,
    "logradouro": _plain(100),
    "numero": _plain(10),
    "complemento": _plain(50),
    "bairro": _plain(60),
    "codigoMunicipio": _city,
    "cep": _or_blank(_number(8, pad=True)),
    "codigoBeneficiarioTitular": _plain(30),
    "relacaoDependencia": _one_of(dict.fromkeys(RELATIONSHIPS, ()), "1, 3, 4, 6, 8 ou 10"),
    "dataContratacao": _day,
    "dataCancelamento": _day,
    "motivoCancelamento": _plain(2),
    "numeroPlanoANS": _or_blank(_number(9, pad=False)),
    "numeroPlanoOperadora": _plain(20),
    "cnpjEmpresaContratante": _cnpj,
    "email": _email,
    "telefone": _plain(20),
    "dataInicioCobertura": _day,
    "dataFimCPT": _day,
    **dict.fromkeys(WAITING, _term),
    **{end: _day for _, end in WAITING.values()},
    "nomePlano": _plain(100),
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
    "numeroContrato": _plain(20),
    "dataAssinaturaContrato": _day,
    "empresarioIndividual": _one_of(YES_OR_NO, "S (sim) ou N (não)"),
    "razaoSocialContratante": _plain(150),
    "nomeFantasiaContratante": _plain(100),
    "cnpjAdministradora": _cnpj,
    "razaoSocialAdministradora": _plain(150),
    "nomeFantasiaAdministradora": _plain(100),
}
DAYS = frozenset(column for column, clean in CLEANERS.items() if clean is _day)
NULLABLE = frozenset({"cco", "cpf", "cns", *DAYS})
BLANKS: Values = {column: None if column in NULLABLE else "" for column in COLUMNS}
"""What a blank cell means; no cleaner is asked."""

_CODES = frozenset(
    {"codigoBeneficiario", "codigoBeneficiarioTitular", "motivoCancelamento", "numeroPlanoOperadora", "numeroContrato"}
)
_NEVER_ZERO = DAYS | {
    *("cco", "cpf", "dn", "pisPasep", "cns", "nome", "nomeSocial", "nomeMae", "codigoMunicipio", "cep", "telefone"),
    *("numeroPlanoANS", "cnpjEmpresaContratante", "cnpjAdministradora"),
}


def told(column: str, text: str) -> str:
    """The text of a cell; "" where it only says that there is nothing, as NULL does, or zeros in place of a number."""
    if column in WAITING and fold(text) in _NONE:
        return text
    if column in _NEVER_ZERO and is_zeros(text):
        return ""
    return without_placeholder(text, is_code=column in _CODES)
