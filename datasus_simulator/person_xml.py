"""One person as the ``subject`` of a reply: XML text in the namespace of HL7 v3."""

from collections.abc import Iterable
from html import escape

from datasus_simulator import oids as v
from datasus_simulator import person_documents
from datasus_simulator.behaviours import Behaviour, Behaviours
from datasus_simulator.people import CnsKind, Number, Person
from datasus_simulator.person_documents import document

_UNKNOWN_PARENT = "SEM INFORMAÇÃO"
_NIL_CUSTODIAN = f'<custodian xmlns:xsi="{v.XSI}" typeCode="CST" xsi:nil="true"/>'
_CUSTODIAN = (
    '<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">'
    f'<id root="{v.RES_BRASIL}"/></assignedEntity></custodian>'
)
_ADDRESS = (
    '<addr use="H"><city>530010</city><state>DF</state><postalCode>70000000</postalCode><country>010</country>'
    "<houseNumber>S/N</houseNumber><streetName>DOS EXEMPLOS</streetName><streetNameType>081</streetNameType>"
    "<additionalLocator>CENTRO</additionalLocator><unitID>BLOCO F</unitID></addr>"
)
_RACE = '<raceCode code="03"/>'
_FOREIGN_ADDRESS = (
    '<addr use="H"><city>000000</city><state>XX</state><country>031</country><houseNumber>12</houseNumber>'
    "<streetName>RUE DES EXEMPLES</streetName></addr>"
)
_UNKNOWN = '<novoElemento codigo="1"/><x:extra xmlns:x="urn:exemplo:desconhecido"><x:id root="1"/></x:extra>'


def subject(person: Person, behaviours: Behaviours) -> str:
    """``behaviours`` may change the dress of the record; those that concern other things are ignored."""
    return (
        '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">'
        '<statusCode code="completed"/><subject1 typeCode="SBJ"><realmCode code="SBJ"/>'
        f"{_patient(person, behaviours)}</subject1>"
        f"{_NIL_CUSTODIAN if Behaviour.NIL_CUSTODIAN in behaviours else _CUSTODIAN}</registrationEvent></subject>"
    )


def _patient(person: Person, behaviours: Behaviours) -> str:
    children = list(filter(None, _person(person, behaviours)))
    if Behaviour.OUT_OF_ORDER in behaviours:
        children.reverse()
    return (
        f'<patient classCode="PAT"><id root="{v.RES_BRASIL}" extension="{_attribute(person.key)}"'
        ' assigningAuthorityName="RES-BRASIL"/>'
        f'<statusCode code="{"active" if person.is_active else "inactive"}"/>'
        f'<confidentialityCode code="{_confidentiality(behaviours)}"/>'
        f"{_VIP if Behaviour.VIP in behaviours else ''}"
        f'<patientPerson classCode="PSN" determinerCode="INSTANCE">{"".join(children)}</patientPerson>'
        '<providerOrganization classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="{v.RES_BRASIL}"/><contactParty classCode="CON"/></providerOrganization>'
        '<subjectOf1><queryMatchObservation classCode="OBS" moodCode="EVN"><code code="IHE_PDQ"/>'
        f'<value xmlns:xsi="{v.XSI}" xsi:type="INT" value="{60 if Behaviour.LOW_SCORE in behaviours else 100}"/>'
        "</queryMatchObservation></subjectOf1></patient>"
    )


_VIP = '<veryImportantPersonCode code="VIP"/>'


def _confidentiality(behaviours: Behaviours) -> str:
    return "V" if Behaviour.VERY_RESTRICTED in behaviours else "R" if Behaviour.RESTRICTED in behaviours else "N"


def _person(person: Person, behaviours: Behaviours) -> Iterable[str]:
    """The children of patientPerson in the order of the schema; empty text for what the record does not say."""
    yield from _names(person, behaviours)
    yield _coded("administrativeGenderCode", _sex(person, behaviours), f' codeSystem="{v.GENDER}"')
    yield _timestamp_element("birthTime", person.birth_date, behaviours)
    yield f'<deceasedInd value="{str(person.is_deceased).lower()}"/>'
    yield _timestamp_element("deceasedTime", person.died_on, behaviours)
    whole = Behaviour.FEWER_DATA not in behaviours
    yield _address(behaviours) if whole else ""
    yield _RACE if whole else ""
    yield _UNKNOWN if Behaviour.UNKNOWN_ELEMENTS in behaviours else ""
    yield from _documents(person, behaviours)
    if whole:
        yield from _origin(person)


def _documents(person: Person, behaviours: Behaviours) -> Iterable[str]:
    if Behaviour.MANY_DOCUMENTS in behaviours:
        yield person_documents.PASSPORT
        yield person_documents.OTHERS
    for number in person.shown_numbers:
        yield _cns(number, behaviours)
    yield "" if Behaviour.NO_CPF in behaviours else document(v.CPF, person.cpf)
    yield document(v.NIS, person.nis)
    yield document(v.DNV, person.dnv)


def _origin(person: Person) -> Iterable[str]:
    yield _parent("PRN", person.mother_name)
    yield _parent("NPRN", person.father_name or _UNKNOWN_PARENT)
    if person.birth_city:
        place = f"<addr><city>{person.birth_city}</city><country>010</country></addr>"
        yield f'<birthPlace classCode="BIRTHPL">{place}</birthPlace>'


def _address(behaviours: Behaviours) -> str:
    home = _FOREIGN_ADDRESS if Behaviour.FOREIGN_ADDRESS in behaviours else _ADDRESS
    return home.replace('use="H"', 'use="BAD"') if Behaviour.BAD_ADDRESS in behaviours else home


def _sex(person: Person, behaviours: Behaviours) -> str:
    return "I" if Behaviour.UNKNOWN_SEX in behaviours else person.sex


def _names(person: Person, behaviours: Behaviours) -> list[str]:
    in_parts = Behaviour.NAME_IN_PARTS in behaviours
    legal = _name("L", person.name, in_parts=in_parts)
    if Behaviour.NO_NAME_USE in behaviours:
        legal = legal.replace(' use="L"', "", 1)
    names = [legal, _name("ASGN", person.social_name, in_parts=in_parts)]
    return names[::-1] if Behaviour.SOCIAL_NAME_FIRST in behaviours else names


def _name(use: str, text: str, *, in_parts: bool = False) -> str:
    if not text:
        return ""
    given, _, family = text.partition(" ") if in_parts else (text, "", "")
    surname = f"<family>{_content(family)}</family>" if family else ""
    return f'<name use="{use}"><given>{_content(given)}</given>{surname}</name>'


def _coded(element: str, code: str, more: str = "") -> str:
    return f'<{element} code="{code}"{more}/>' if code else ""


def _timestamp_element(element: str, day: str, behaviours: Behaviours) -> str:
    tail = "000000.0-0200" if Behaviour.DOTTED_TIMESTAMPS in behaviours else "000000"
    return f'<{element} value="{day}{tail}"/>' if day else ""


def _parent(code: str, name: str) -> str:
    if not name:
        return ""
    return (
        f'<personalRelationship classCode="PRS"><code code="{code}" codeSystem="{v.RELATIONSHIP}"/>'
        '<relationshipHolder1 classCode="PSN" determinerCode="INSTANCE">'
        f'<name xmlns:xsi="{v.XSI}" xsi:type="PN" use="L"><given>{_content(name)}</given></name>'
        "</relationshipHolder1></personalRelationship>"
    )


def _cns(number: Number, behaviours: Behaviours) -> str:
    shown = _with_wrong_digit(number.digits) if Behaviour.BAD_CHECK_DIGIT in behaviours else number.digits
    says_kind = number.kind is not CnsKind.UNSAID and Behaviour.NO_KIND not in behaviours
    return document(v.CNS, shown, *([(v.CNS_KIND, number.kind.value)] if says_kind else []))


def _with_wrong_digit(number: str) -> str:
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


def _content(text: str) -> str:
    return escape(text, quote=False)


def _attribute(text: str) -> str:
    return escape(text, quote=True)
