"""The answer of CadSUS: HL7 PRPA_IN201306UV02, read by local name, so that nothing unknown or out of order hides a CNS.

Facts of the answer: DATASUS, Manual de Integração PDQ v2.1, and captured replies; anything may be missing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from beneficiaries.domain.names import composed
from beneficiaries.domain.placeholders import is_placeholder, is_zeros, without_placeholder
from cadsus.client.pdq_query import CNS, CNS_KIND, CPF, QUERY

_MASK = str.maketrans("", "", " .-/")
_DECLARED = re.compile(rb"<\?xml[^>]*\bencoding|\xff\xfe|\xfe\xff")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_ENVELOPE, _FAULT, _REPLY = "Envelope", "Fault", "PRPA_IN201306UV02"


class InvalidReply(Exception):
    """Not XML, cut short, or not an answer to our question. The text says which and nothing of the contents."""


class SoapFault(Exception):
    """``sender`` says that DATASUS blames the question, else itself. The fault's own text may repeat a CPF: dropped."""

    def __init__(self, *, sender: bool) -> None:
        super().__init__("SOAP fault blaming the sender" if sender else "SOAP fault")
        self.sender = sender


@dataclass(frozen=True, slots=True, repr=False)
class FoundNumber:
    number: str
    kind: str  # "D", "P" or empty


@dataclass(frozen=True, slots=True, repr=False)
class Registrant:
    """One person of the answer. ``sex`` is M, F or empty; towns are 6-digit IBGE codes; placeholders are blanks."""

    name: str
    social_name: str
    mother_name: str
    birth_date: date | None
    sex: str
    cpf: str
    city: str
    birth_city: str
    numbers: tuple[FoundNumber, ...]
    status: str
    deceased: bool
    confidentiality: str  # N, R, V or empty
    vip: bool
    score: int | None  # 0..100, of this question

    @property
    def active(self) -> bool:
        return self.status in {"", "active"}


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    ack: str  # AA, AE, AR
    response_code: str  # OK, NF, AE, QE
    registrants: tuple[Registrant, ...]
    total: int  # persons that CadSUS found
    remaining: int  # of these, those that come after this answer
    query_id: str = ""  # of the question, where it is echoed under our own root

    @property
    def missing(self) -> int:
        """Persons that were found and are not here: by the one count or by the other, for either may be left out."""
        return max(self.remaining, self.total - len(self.registrants))

    @property
    def answered(self) -> bool:
        """Persons, or the plain word that there are none: silence is not an answer."""
        return bool(self.registrants) or self.response_code in {"OK", "NF"}

    @property
    def refused(self) -> bool:
        """CadSUS understood the question and would not have it."""
        return self.ack in {"AE", "AR", "CE", "CR"} or self.response_code in {"AE", "QE"}


def read_reply(data: bytes, charset: str = "") -> Reply:
    """Raises InvalidReply or SoapFault. ``charset`` is what HTTP says of an answer that does not say it itself."""
    body = _body(_parsed(data, charset))
    if body.tag == _FAULT:
        code = body.findtext("Code/Value") or body.findtext("faultcode") or ""
        raise SoapFault(sender=code.rpartition(":")[2] in {"Sender", "Client"})
    control = body.find("controlActProcess")
    if body.tag != _REPLY or control is None:
        raise InvalidReply("another message than PRPA_IN201306UV02")
    return Reply(
        ack=_value(body, "acknowledgement/typeCode", "code"),
        response_code=_value(control, "queryAck/queryResponseCode", "code"),
        registrants=tuple(_registrant(patient) for patient in control.iterfind("subject/registrationEvent/*/patient")),
        total=_integer(_value(control, "queryAck/resultTotalQuantity")) or 0,
        remaining=_integer(_value(control, "queryAck/resultRemainingQuantity")) or 0,
        query_id=_value(control, f"queryAck/queryId[@root='{QUERY}']", "extension"),
    )


def _parsed(data: bytes, charset: str) -> etree._Element:
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True,
        encoding=charset if charset and not _DECLARED.match(data) else None,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise InvalidReply("not XML, or cut short") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidReply("a document type declaration")
    return root


def _body(root: etree._Element) -> etree._Element:
    """The message inside the envelope, its tags stripped of their namespaces."""
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    message = root.find("Body/*") if root.tag == _ENVELOPE else None
    if message is None:
        raise InvalidReply("not a SOAP envelope")
    return message


def _registrant(patient: etree._Element) -> Registrant:
    person = patient.find("patientPerson")
    person = etree.Element("patientPerson") if person is None else person
    sex = _value(person, "administrativeGenderCode", "code")
    return Registrant(
        name=_name(person, "L") or _name(person, ""),
        social_name=_name(person, "ASGN"),
        mother_name=_mother(person),
        birth_date=_birth_date(_value(person, "birthTime")),
        sex=sex if sex in {"M", "F"} else "",
        cpf=next((cpf for ids in _identifiers(person) if (cpf := _number(ids.get(CPF, "")))), ""),
        city=_city(person.findtext("addr[@use='H']/city") or person.findtext("addr/city") or ""),
        birth_city=_city(person.findtext("birthPlace/addr/city") or ""),
        numbers=_numbers(person),
        status=_value(patient, "statusCode", "code"),
        deceased=_value(person, "deceasedInd").lower() in {"true", "1"} or bool(_value(person, "deceasedTime")),
        confidentiality=_value(patient, "confidentialityCode", "code"),
        vip=_value(patient, "veryImportantPersonCode", "code") == "VIP",
        score=_integer(_value(patient, "subjectOf1/queryMatchObservation/value")),
    )


def _numbers(person: etree._Element) -> tuple[FoundNumber, ...]:
    """Every CNS once, in the order of the answer, which proves nothing; neither does the first digit."""
    told: dict[str, set[str]] = {}
    for ids in _identifiers(person):
        if number := _number(ids.get(CNS, "")):
            told.setdefault(number, set()).add(ids.get(CNS_KIND, ""))
    return tuple(FoundNumber(number, _kind(flags & {"D", "P"})) for number, flags in told.items())


def _kind(flags: set[str]) -> str:
    """A number that is flagged in two ways is flagged in none."""
    return next(iter(flags)) if len(flags) == 1 else ""


def _identifiers(person: etree._Element) -> Iterator[dict[str, str]]:
    """Each document of the person as root → extension; scopingOrganization repeats the roots and is not looked at."""
    for document in person.iterfind("asOtherIDs"):
        yield {part.get("root", ""): part.get("extension", "").strip() for part in document.iterfind("id[@extension]")}


def _name(holder: etree._Element, use: str) -> str:
    """The name of this use in one line; its parts (prefix, given, family, suffix) may come apart."""
    for name in holder.iterfind("name"):
        if name.get("use", "") == use:
            return without_placeholder(composed(" ".join(" ".join(map(str, name.itertext())).split())))
    return ""


def _mother(person: etree._Element) -> str:
    for relationship in person.iterfind("personalRelationship"):
        holder = relationship.find("relationshipHolder1")
        if _value(relationship, "code", "code") == "PRN" and holder is not None:
            return _name(holder, "L") or _name(holder, "")
    return ""


def _value(element: etree._Element, path: str, attribute: str = "value") -> str:
    found = element.find(path)
    return "" if found is None else (found.get(attribute) or "").strip()


def _number(text: str) -> str:
    """A number without its mask; blank where it is zeros or a placeholder, as it came where it is something else."""
    plain = text.translate(_MASK)
    return "" if is_zeros(text) or is_placeholder(text, is_code=True) else plain if plain.isdigit() else text


def _city(text: str) -> str:
    """Six digits; of seven the last only checks the others."""
    text = _number(text.strip())
    return text[:6] if len(text) == 7 and text.isdigit() else text


def _birth_date(text: str) -> date | None:
    """The first eight digits; what follows is a time of day nobody was born at, and its offset moves the day."""
    found = _DAY.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
