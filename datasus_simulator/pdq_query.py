"""Reads a PDQ query: numbers or search criteria; no stricter than today's working clients need."""

from dataclasses import dataclass

from lxml import etree

from beneficiaries.domain.names import fold
from datasus_simulator import oids as v
from datasus_simulator.people import NumberKind, SearchCriteria
from datasus_simulator.soap_message import (
    NAMESPACES,
    Heading,
    Identifier,
    Message,
    SoapFault,
    identifier,
    quantity,
    require,
)

_NUMBERS = {v.CPF: (NumberKind.CPF, 11), v.CNS: (NumberKind.CNS, 15), v.NIS: (NumberKind.NIS, 11)}
_SEXES = {"M", "F"}
_NO_CRITERIA = SearchCriteria()


@dataclass(frozen=True, slots=True)
class Question:
    heading: Heading
    query_id: Identifier
    echo: str  # the queryByParameter as it came, XML
    numbers: tuple[tuple[NumberKind, str], ...] = ()
    local_ids: int = 0  # identifiers of a system of its own, which nobody here has
    criteria: SearchCriteria = _NO_CRITERIA
    quantity: int | None = None  # persons wanted in the first reply

    @property
    def kind(self) -> str:
        """What the person is sought by: cpf, cns, nis, local or traits (search criteria)."""
        return self.numbers[0][0] if self.numbers else "local" if self.local_ids else "traits"

    @property
    def subject(self) -> str:
        """What is asked, as one text; personal data."""
        return ":".join(text for _, text in self.numbers) if self.numbers else repr(self.criteria)


def read_question(message: Message) -> Question:
    """Of a message PRPA_IN201305UV02. Raises SoapFault."""
    query = require(message.body, "controlActProcess/queryByParameter", "Falta queryByParameter.")
    parameters = require(query, "parameterList", "Falta parameterList.")
    numbers, local_ids = _numbers(parameters)
    criteria = _NO_CRITERIA if numbers or local_ids else _criteria(parameters)  # a number decides alone
    if not (numbers or local_ids or criteria):
        raise SoapFault("parameterList não tem parâmetro que se possa usar.")
    return Question(
        message.heading,
        query_id=identifier(require(query, "queryId", "Falta queryId.")),
        echo=etree.tostring(query, encoding="unicode", with_tail=False),
        numbers=numbers,
        local_ids=local_ids,
        criteria=criteria,
        quantity=quantity(query, "initialQuantity"),
    )


def _numbers(parameters: etree._Element) -> tuple[tuple[tuple[NumberKind, str], ...], int]:
    """The numbers that the registry knows, and how many identifiers it cannot know."""
    values = [identifier(value) for value in parameters.iterfind("livingSubjectId/value", NAMESPACES)]
    known = tuple(_number(value) for value in values if value.root in _NUMBERS)
    return known, len(values) - len(known)


def _number(value: Identifier) -> tuple[NumberKind, str]:
    kind, length = _NUMBERS[value.root]
    if not (value.extension.isascii() and value.extension.isdigit() and len(value.extension) == length):
        raise SoapFault(f"livingSubjectId: {kind.upper()} deve ter só {length} dígitos.")
    return kind, value.extension


def _criteria(parameters: etree._Element) -> SearchCriteria:
    sex = _value(parameters, "livingSubjectAdministrativeGender").get("code", "")
    return SearchCriteria(
        name=_folded_text(parameters, "livingSubjectName"),
        mother_name=_folded_text(parameters, "mothersMaidenName"),
        birth_date=_value(parameters, "livingSubjectBirthTime").get("value", "")[:8],
        sex=sex if sex in _SEXES else "",
        birth_city=_folded_text(parameters, "patientAddress"),
    )


def _value(parameters: etree._Element, name: str) -> etree._Element:
    """The ``value`` of a parameter; an empty element where the parameter is absent."""
    found = parameters.find(f"{name}/value", NAMESPACES)
    return etree.Element("absent") if found is None else found


def _folded_text(parameters: etree._Element, name: str) -> str:
    """The text of a value, whether clients put it in given, in family, in both or bare."""
    return fold(" ".join(map(str, _value(parameters, name).itertext())))
