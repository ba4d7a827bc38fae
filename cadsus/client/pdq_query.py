"""The question to CadSUS: HL7 PRPA_IN201305UV02, built by zeep on our own minimal WSDL (IHE PDQ v3, SOAP 1.2).

The official WSDL makes zeep lose the text of HL7's mixed types and add WS-Addressing headers that the service does not
expect; ours holds the elements that are sent (docs/reference/cadsus.md §2). The answer is read by client.pdq_response.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from zeep import Client

from beneficiaries.domain.identifiers import mask_cns, mask_cpf

CNS = "2.16.840.1.113883.13.236"
CNS_KIND = "2.16.840.1.113883.13.236.1"
CPF = "2.16.840.1.113883.13.237"
NIS = "2.16.840.1.113883.13.240"
_INTERACTIONS = "2.16.840.1.113883.1.6"
_MESSAGE = "2.16.840.1.113883.4.714"
QUERY = "1.2.840.114350.1.13.28.1.18.5.999"
_CADSUS = "2.16.840.1.113883.3.72.6.5.100.85"
_SENDER = "2.16.840.1.113883.3.72.6.2"
_GENDERS = "2.16.840.1.113883.5.1"

ACTION = "urn:hl7-org:v3:PRPA_IN201305UV02"
CONTINUE_ACTION = "urn:hl7-org:v3:QUQI_IN000003UV01_Continue"
_WSDL = Path(__file__).parent / "wsdl" / "pdq.wsdl"
_BINDING = "{urn:ihe:iti:pdqv3:2007}PDQSupplier_Binding_Soap12"
_FIND = "PDQSupplier_PRPA_IN201305UV02"
_CONTINUE = "PDQSupplier_QUQI_IN000003UV01_Continue"
_HL7 = "urn:hl7-org:v3"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_QUERY_PATH = "controlActProcess/queryByParameter/"
_NUMBER_PATH = f"{_QUERY_PATH}parameterList/livingSubjectId/value"


FACTS = {
    "name": "nome", "birth_date": "nascimento", "mother_name": "mãe", "sex": "sexo", "birth_city": "município"
}  # fmt: skip
"""Fields of a search without a number, and how they are called."""


class SearchKey(Enum):
    CPF = "cpf"
    CNS = "cns"
    NIS = "nis"
    DEMOGRAPHICS = "dados"


@dataclass(frozen=True, slots=True, repr=False)
class Search:
    """What CadSUS is asked: one number, else at least two of the other fields; a number makes it ignore the rest.

    Numbers hold digits only; ``sex`` is M, F or empty; ``birth_city`` is the 6-digit IBGE code of the town of birth.
    """

    cpf: str = ""
    cns: str = ""
    nis: str = ""
    name: str = ""
    birth_date: date | None = None
    mother_name: str = ""
    sex: str = ""
    birth_city: str = ""

    def __post_init__(self) -> None:
        numbers = sum(map(bool, (self.cpf, self.cns, self.nis)))
        if numbers > 1 or (not numbers and len(self.facts) < 2):
            raise ValueError("a search takes one number, or at least two of the other fields")

    @property
    def key(self) -> SearchKey:
        if self.cpf:
            return SearchKey.CPF
        if self.cns:
            return SearchKey.CNS
        return SearchKey.NIS if self.nis else SearchKey.DEMOGRAPHICS

    @property
    def facts(self) -> list[str]:
        """Which of the other fields it has."""
        return [field for field in FACTS if getattr(self, field)]

    @property
    def masked(self) -> str:
        """What may be kept of the question: the number masked; of a name and the like, that it was asked by."""
        number = {SearchKey.CPF: mask_cpf(self.cpf), SearchKey.CNS: mask_cns(self.cns), SearchKey.NIS: _tail(self.nis)}
        return number.get(self.key) or ", ".join(FACTS[field] for field in self.facts)


def _tail(number: str) -> str:
    return f"***{number[-3:]}" if number else ""


def envelope(search: Search, *, message_id: str, sender: str, now: datetime) -> bytes:
    """The SOAP envelope in UTF-8. ``message_id`` comes back in the answer; ``sender`` is the name of this system."""
    if search.key is SearchKey.DEMOGRAPHICS:
        return _serialised(_question(search, message_id, sender, now))
    form = deepcopy(_form(search.key, sender))
    body = form[0][0]
    facts = {"id": message_id, f"{_QUERY_PATH}queryId": message_id, _NUMBER_PATH: _number(search)[1]}
    for path, value in facts.items():
        _found(body, path).set("extension", value)
    _found(body, "creationTime").set("value", _hl7_timestamp(now))
    return _serialised(form)


def continuation(query_id: str, *, start: int, message_id: str, sender: str, now: datetime) -> bytes:
    """The wish for the people of the query ``query_id`` from the ``start``-th on (HL7 QUQI_IN000003UV01, Continue)."""
    act = {
        "code": {"code": "PRPA_TE000003UV01", "codeSystem": _INTERACTIONS},
        "queryContinuation": {
            "queryId": {"root": QUERY, "extension": query_id},
            "startResultNumber": {"value": start},
            "statusCode": {"code": "waitContinuedQueryResponse"},
        },
    }
    return _serialised(_written(_CONTINUE, "QUQI_IN000003UV01", act, message_id, sender, now))


@cache
def _form(key: SearchKey, sender: str) -> etree._Element:
    """A question by this kind of number, to be filled in: zeep takes a millisecond for each that it writes."""
    examples = {SearchKey.CPF: Search(cpf="0"), SearchKey.CNS: Search(cns="0"), SearchKey.NIS: Search(nis="0")}
    return _question(examples[key], "", sender, _LONG_AGO)


def _question(search: Search, message_id: str, sender: str, now: datetime) -> etree._Element:
    act = {
        "code": {"code": "PRPA_TE201305UV02", "codeSystem": _INTERACTIONS},
        "queryByParameter": {
            "queryId": {"root": QUERY, "extension": message_id},
            "statusCode": {"code": "new"},
            "responseModalityCode": {"code": "R"},
            "responsePriorityCode": {"code": "I"},
            "parameterList": _parameters(search),
        },
    }
    return _written(_FIND, "PRPA_IN201305UV02", act, message_id, sender, now)


def _written(
    operation: str, interaction: str, act: dict[str, Any], message_id: str, sender: str, now: datetime
) -> etree._Element:
    client, service = _service()
    message: etree._Element = client.create_message(
        service,
        operation,
        id={"root": _MESSAGE, "extension": message_id},
        creationTime={"value": _hl7_timestamp(now)},
        interactionId={"root": _INTERACTIONS, "extension": interaction},
        processingCode={"code": "T"},
        processingModeCode={"code": "T"},
        acceptAckCode={"code": "AL"},
        receiver={"typeCode": "RCV", "device": _device(_CADSUS)},
        sender={"typeCode": "SND", "device": {**_device(_SENDER), "name": sender}},
        controlActProcess={"classCode": "CACT", "moodCode": "EVN", **act},
        ITSVersion="XML_1.0",
    )
    return message


@cache
def _service() -> tuple[Any, Any]:
    client: Any = Client(str(_WSDL))  # type: ignore[no-untyped-call]
    client.set_ns_prefix(None, _HL7)  # as every known client writes it, whatever reads it on the way
    return client, client.create_service(_BINDING, "https://localhost/")


def _serialised(message: etree._Element) -> bytes:
    return bytes(etree.tostring(message, encoding="UTF-8", xml_declaration=True))


def _found(body: etree._Element, path: str) -> etree._Element:
    found = body.find("/".join(f"{{{_HL7}}}{step}" for step in path.split("/")))
    assert found is not None  # noqa: S101  (our own form)
    return found


def _hl7_timestamp(now: datetime) -> str:
    return f"{now:%Y%m%d%H%M%S}"


def _device(root: str) -> dict[str, Any]:
    return {"classCode": "DEV", "determinerCode": "INSTANCE", "id": {"root": root}}


def _parameters(search: Search) -> dict[str, Any]:
    if search.key is not SearchKey.DEMOGRAPHICS:
        root, number = _number(search)
        return {"livingSubjectId": _parameter("LivingSubject.id", root=root, extension=number)}
    wanted: dict[str, Any] = {}
    if search.sex:
        wanted["livingSubjectAdministrativeGender"] = _parameter(
            "LivingSubject.administrativeGender", code=search.sex, codeSystem=_GENDERS
        )
    if search.birth_date:
        wanted["livingSubjectBirthTime"] = _parameter(
            "LivingSubject.birthTime", value=search.birth_date.isoformat().replace("-", "")
        )
    if search.name:
        wanted["livingSubjectName"] = _parameter("LivingSubject.Given", use="L", given=search.name.upper())
    if search.mother_name:
        wanted["mothersMaidenName"] = _parameter("mothersMaidenName", use="L", family=search.mother_name.upper())
    if search.birth_city:
        wanted["patientAddress"] = _parameter("LivingSubject.birthPlaceAddress", use="BIRTHPL", city=search.birth_city)
    return wanted


def _number(search: Search) -> tuple[str, str]:
    """What is searched by: the number's root and the number."""
    return next(pair for pair in ((CPF, search.cpf), (CNS, search.cns), (NIS, search.nis)) if pair[1])


def _parameter(semantics: str, **value: str) -> dict[str, Any]:
    return {"value": value, "semanticsText": semantics}
