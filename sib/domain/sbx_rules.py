"""The rules of ANS for a movement, checked before it is sent (docs/reference/sib.md §3, §5). Pure.

Each failure names the field, says in plain words what is wrong, and how to correct it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.domain.identifiers import caepf_is_valid, cei_is_valid, cnpj_is_valid, cns_is_valid, cpf_is_valid
from cnsportal.formats.br import format_date, parse_iso_date
from sib.domain.field_differences import PARTIES
from sib.formats.sbx.writer import (
    ACCENTED,
    CANCELLATION,
    CONTRACT_CHANGE,
    INCLUSION,
    NAMES,
    REACTIVATION,
    RECTIFICATION,
)

Fields = Mapping[str, str]

HOLDER = "1"
ADULT_AGE_YEARS = 18
FIRST_BIRTH, FIRST_CONTRACT, FIRST_DN = date(1890, 1, 1), date(1940, 1, 1), date(2010, 1, 1)
REASONS = {code: name for code, (name,) in CANCELLATION_REASONS.items()}
"""motivoCancelamento."""
RELATIONSHIPS = {"1", "3", "4", "6", "8", "10"}
PLANS = ("numeroPlanoANS", "numeroPlanoOperadora")
_ADDRESSED = ("logradouro", "numero", "complemento", "bairro", "cep", "tipoEndereco", "codigoMunicipioResidencia")
_LETTERS = re.compile(f"[A-Za-z{ACCENTED}' ]+")
_WRITABLE = re.compile(r"[ -~\xa0-\xff]*")  # what ISO-8859-1 has and XML takes; one other character spoils the file
_SHAPES = {
    "cco": r"\d{12}",
    "codigoMunicipio": r"\d{6}",
    "codigoMunicipioResidencia": r"\d{6}",
    "cep": r"\d{8}",
    "numeroPlanoANS": r"\d{9}",
    "numeroPlanoPortabilidade": r"\d{9}",
    "numeroPlanoOperadora": r".{1,20}",
    "codigoBeneficiario": r".{1,30}",
    "codigoBeneficiarioTitular": r".{1,30}",
    "dn": r"\d{11}",
    "sexo": r"[13]",
    "tipoEndereco": r"[12]",
    "resideExterior": r"[01]",
    "coberturaParcialTemporaria": r"[01]",
    "itensExcluidosCobertura": r"[01]",
    "codigoProcedimentoAdministrativo": r"\d{20}",
}
_DATES = {
    "dataNascimento": FIRST_BIRTH,
    "dataContratacao": FIRST_CONTRACT,
    "dataReativacao": FIRST_CONTRACT,
    "dataCancelamento": FIRST_CONTRACT,
}

_IN_ORDER = (
    ("dataNascimento", "dataContratacao", "A contratação é anterior ao nascimento."),
    ("dataContratacao", "dataCancelamento", "O cancelamento é anterior à contratação."),
    ("dataContratacao", "dataReativacao", "A reativação é anterior à contratação."),
)


@dataclass(frozen=True, slots=True)
class Problem:
    field: str  # name of the schema
    sentence: str
    mend: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


_NO_CNS = Problem("cns", "A ANS pede o CNS de todo beneficiário ativo.", "Consulte o DATASUS ou peça o número.")


_CNPJ_WITH_LETTERS = Problem(
    PARTIES[0],
    "A ANS ainda não recebe CNPJ com letras: o arquivo inteiro seria recusado.",
    "Espere a ANS aceitar; quem cuida do servidor então libera o envio.",
)


def problems(
    movement_type: str,
    cco: str,
    fields: Fields,
    *,
    today: date,
    is_pre_law: bool = False,
    contracted: str = "",
    needs_cns: bool = True,
) -> list[Problem]:
    """Everything that keeps the movement from being sent; empty where it may go.

    ``is_pre_law``: the plan is older than Lei 9.656/1998, and takes no new holders unless a company contracts.
    ``contracted``: day of the contract, where the movement does not tell it itself. ``needs_cns``: an inclusion does.
    """
    found = list(_RULES[movement_type](fields, today))
    if movement_type == INCLUSION and needs_cns and not fields.get("cns"):
        found.append(_NO_CNS)
    if movement_type != INCLUSION and not re.fullmatch(_SHAPES["cco"], cco):
        found.append(Problem("cco", "Falta o CCO, que a ANS dá ao vínculo.", "Leia uma conferência que traga o CCO."))
    if is_pre_law and movement_type == INCLUSION:
        found += _pre_law(fields)
    return [*found, *_values(fields, today), *_order_of_days({"dataContratacao": contracted, **fields})]


def cnpj_with_letters(fields: Fields) -> list[Problem]:
    """Of a movement whose CNPJ ANS's schema, which wants 14 digits, does not take; one would cost the whole file."""
    return [] if fields.get(PARTIES[0], "0").isdecimal() else [_CNPJ_WITH_LETTERS]


# ---- what must be there ---------------------------------------------------------------------------------------------


def _inclusion(fields: Fields, today: date) -> Iterator[Problem]:
    yield from _missing(fields, ("nome", "sexo", "dataNascimento", "codigoBeneficiario"), "Complete o cadastro.")
    yield from _contract(fields)
    yield from _person(fields, today)
    if not fields.get("codigoMunicipio") and any(fields.get(name) for name in _ADDRESSED):
        yield Problem("codigoMunicipio", "Há endereço sem o município.", "Informe o código do município (IBGE).")
    if fields.get("dn") and (born := parse_iso_date(fields.get("dataNascimento", ""))) and born < FIRST_DN:
        yield Problem("dn", "A DN só existe para quem nasceu de 2010 em diante.", "Apague a DN do cadastro.")


def _person(fields: Fields, today: date) -> Iterator[Problem]:
    """By role and age (ANS, item 2)."""
    born = parse_iso_date(fields.get("dataNascimento", ""))
    is_adult = born is not None and _years(born, today) >= ADULT_AGE_YEARS
    is_holder = fields.get("relacaoDependencia") == HOLDER
    if (is_holder or is_adult) and not fields.get("cpf"):
        who = "O titular" if is_holder else "Quem tem 18 anos ou mais"
        yield Problem(
            "cpf", f"{who} precisa de CPF próprio.", "Informe o CPF da própria pessoa, nunca o de um parente."
        )
    known = ("pisPasep", "nomeMae") if is_holder or is_adult else ("cpf", "pisPasep", "nomeMae")
    if not any(fields.get(name) for name in known):
        yield Problem("nomeMae", "Falta o nome da mãe (ou o PIS/PASEP).", "Informe o nome da mãe no cadastro.")


def _contract(fields: Fields) -> Iterator[Problem]:
    yield from _missing(fields, ("relacaoDependencia", "dataContratacao"), "Complete o vínculo.")
    if not any(fields.get(name) for name in PLANS):
        yield Problem(PLANS[0], "Falta o número do plano na ANS ou na operadora.", "Complete o plano do vínculo.")
    if all(fields.get(name) for name in PLANS):
        yield Problem(PLANS[1], "Há dois números de plano; a ANS aceita um só.", "Deixe no plano só o registro na ANS.")
    if len([name for name in PARTIES if fields.get(name)]) > 1:
        yield Problem(PARTIES[0], "Há mais de um número de empresa contratante.", "Deixe só um: CNPJ, CEI ou CAEPF.")
    yield from _holder(fields)


def _holder(fields: Fields) -> Iterator[Problem]:
    field, is_holder = "codigoBeneficiarioTitular", fields.get("relacaoDependencia") == HOLDER
    if is_holder and fields.get(field):
        yield Problem(field, "O titular não pode ter um titular.", "Corrija a relação de dependência ou o titular.")
    if fields.get("relacaoDependencia") and not is_holder and not fields.get(field):
        yield Problem(field, "O dependente precisa do código do titular.", "Ligue o dependente ao seu titular.")


def _rectification(fields: Fields, _today: date) -> Iterator[Problem]:
    if not fields:
        yield Problem("cco", "A retificação não muda nada.", "Descarte esta movimentação.")
    for name in PLANS:
        if fields.get(name):
            yield Problem(name, "O plano não se troca por retificação.", "Use a mudança contratual.")


def _contract_change(fields: Fields, _today: date) -> Iterator[Problem]:
    yield from _contract(fields)


def _cancellation(fields: Fields, _today: date) -> Iterator[Problem]:
    yield from _missing(fields, ("dataCancelamento", "motivoCancelamento"), "Informe a data e o motivo no vínculo.")


def _reactivation(fields: Fields, _today: date) -> Iterator[Problem]:
    yield from _missing(fields, ("dataReativacao",), "Informe a data da reativação no vínculo.")


_RULES: Mapping[str, Callable[[Fields, date], Iterator[Problem]]] = {
    INCLUSION: _inclusion,
    RECTIFICATION: _rectification,
    CONTRACT_CHANGE: _contract_change,
    CANCELLATION: _cancellation,
    REACTIVATION: _reactivation,
}


def _pre_law(fields: Fields) -> Iterator[Problem]:
    """A plan older than Lei 9.656/1998 (ANS manual, 4.7 and 4.8)."""
    if fields.get("relacaoDependencia") == HOLDER and not any(fields.get(name) for name in PARTIES):
        yield Problem(
            "numeroPlanoOperadora",
            "O plano é anterior à Lei 9.656 e não recebe novos titulares individuais.",
            "Use um plano regulamentado, ou informe a empresa contratante.",
        )


def _missing(fields: Fields, names: tuple[str, ...], mend: str) -> Iterator[Problem]:
    for name in names:
        if not fields.get(name):
            yield Problem(name, "Este dado é obrigatório.", mend)


# ---- what it must look like -----------------------------------------------------------------------------------------


def _values(fields: Fields, today: date) -> Iterator[Problem]:
    for name, text in fields.items():
        if text and (problem := _value(name, text, today)):
            yield problem


def _order_of_days(fields: Fields) -> Iterator[Problem]:
    days = {name: parse_iso_date(fields.get(name, "")) for name in _DATES}
    for earlier, later, sentence in _IN_ORDER:
        first, second = days[earlier], days[later]
        if first and second and second < first:
            yield Problem(later, sentence, "Confira as duas datas.")


def _value(name: str, text: str, today: date) -> Problem | None:
    if name in _DATES:
        return _check_date(name, text, today)
    if name in NAMES:
        return _name(name, text)
    if name in _CHECKED:
        is_valid, mend = _CHECKED[name]
        return None if is_valid(text) else Problem(name, "Os dígitos de conferência não batem.", mend)
    if name == "relacaoDependencia" and text not in RELATIONSHIPS:
        return Problem(name, "Esta relação de dependência não existe no SIB.", "Escolha uma das relações da ANS.")
    if name == "motivoCancelamento" and text not in REASONS:
        return Problem(name, "Este motivo de cancelamento não existe no SIB.", "Use um dos códigos 41 a 44 ou 46 a 48.")
    if name in _SHAPES and not re.fullmatch(_SHAPES[name], text):
        return Problem(name, "O valor não tem o formato que a ANS pede.", "Confira os dígitos.")
    if not _WRITABLE.fullmatch(text):
        return Problem(name, "Há um caractere que o arquivo da ANS não aceita.", "Escreva de novo, sem símbolos.")
    return None


def _check_date(name: str, text: str, today: date) -> Problem | None:
    day = parse_iso_date(text)
    if day is None:
        return Problem(name, "A data não existe.", "Confira dia, mês e ano.")
    if day > today:
        return Problem(name, "A data está no futuro.", "Espere a data chegar, ou corrija-a.")
    if day < _DATES[name]:
        return Problem(name, f"A ANS não aceita datas antes de {format_date(_DATES[name])}.", "Confira o ano.")
    return None


def _name(name: str, text: str) -> Problem | None:
    if not 3 <= len(text) <= 70:
        return Problem(name, "O nome precisa ter de 3 a 70 letras.", "Abrevie um nome do meio.")
    if not _LETTERS.fullmatch(text):
        return Problem(name, "O nome tem algo que não é letra, apóstrofo ou espaço.", "Corrija o nome no cadastro.")
    if len(text.split()) < 2:
        return Problem(name, "O nome precisa ter ao menos duas palavras.", "Complete o nome no cadastro.")
    return None


def pis_is_valid(number: str) -> bool:
    """Eleven digits, weights 3, 2, 9 to 2; the last is the check digit."""
    if not re.fullmatch(r"\d{11}", number) or len(set(number)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, (3, 2, 9, 8, 7, 6, 5, 4, 3, 2), strict=False))
    return (11 - total % 11) % 11 % 10 == int(number[-1])


_CHECKED: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "cpf": (cpf_is_valid, "Confira o CPF com a pessoa."),
    "cns": (cns_is_valid, "Consulte o DATASUS."),
    "pisPasep": (pis_is_valid, "Confira o PIS/PASEP, ou apague-o."),
    "cnpjEmpresaContratante": (cnpj_is_valid, "Confira o CNPJ da empresa."),
    "caepfEmpresaContratante": (caepf_is_valid, "Confira o CAEPF de quem contrata."),
    "ceiEmpresaContratante": (cei_is_valid, "Confira o CEI de quem contrata."),
}


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
