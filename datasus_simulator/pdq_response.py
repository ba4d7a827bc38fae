"""The reply PRPA_IN201306UV02 and the SOAP 1.2 fault: whole messages, as bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from html import escape
from uuid import NAMESPACE_OID, uuid5

from datasus_simulator import oids as v
from datasus_simulator.behaviours import Behaviour, Behaviours
from datasus_simulator.people import Person
from datasus_simulator.person_xml import subject
from datasus_simulator.soap_message import Heading, Identifier

_BRASILIA = timezone(timedelta(hours=-3))
_ENVELOPE = f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{v.SOAP}"><S:Body>%s</S:Body></S:Envelope>'


class ResponseCode(StrEnum):
    OK = "OK"
    NOT_FOUND = "NF"
    ERROR = "AE"
    PARAMETER_ERROR = "QE"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the people shown, and how many others stand before and after them."""

    people: Sequence[Person] = ()
    remaining: int = 0
    code: ResponseCode | None = ResponseCode.NOT_FOUND
    complaint: str = ""
    acknowledgement: str = "AA"
    before: int = 0


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose message is answered, and to which query: the reply repeats both; ``echo`` is the query as it came, XML."""

    heading: Heading
    query_id: Identifier
    echo: str = ""


def reply(addressee: Addressee, found: Found, behaviours: Behaviours, now: datetime) -> bytes:
    if Behaviour.CROSSED_IDS in behaviours:
        addressee = _somebody_else(addressee)
    subjects = "".join(subject(person, behaviours) for person in found.people)
    message = (
        f'<{v.REPLY} xmlns="{v.HL7}" ITSVersion="XML_1.0">{_head(addressee, now)}{_acknowledgement(addressee, found)}'
        '<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201306UV02"/>'
        f"{subjects}{_query_ack(addressee, found)}{addressee.echo}</controlActProcess></{v.REPLY}>"
    )
    return _envelope(_renamed(message, behaviours))


def acknowledgement_alone(addressee: Addressee, now: datetime) -> bytes:
    """MCCI_IN000002UV01: a good message, and no answer to a query."""
    return _envelope(
        f'<{v.ACKNOWLEDGEMENT} xmlns="{v.HL7}" ITSVersion="XML_1.0">{_head(addressee, now, v.ACKNOWLEDGEMENT)}'
        f"{_acknowledgement(addressee, Found())}</{v.ACKNOWLEDGEMENT}>"
    )


def fault(text: str, code: str = "Receiver") -> bytes:
    return _envelope(
        f"<S:Fault><S:Code><S:Value>S:{code}</S:Value></S:Code>"
        f'<S:Reason><S:Text xml:lang="pt">{escape(text, quote=False)}</S:Text></S:Reason></S:Fault>'
    )


def _envelope(body: str) -> bytes:
    return (_ENVELOPE % body).encode()


def _somebody_else(addressee: Addressee) -> Addressee:
    query_id, heading = addressee.query_id, addressee.heading
    message_id = replace(heading.message_id, extension="de-outra-mensagem")
    return replace(
        addressee,
        heading=replace(heading, message_id=message_id),
        query_id=replace(query_id, extension="de-outra-consulta"),
        echo="",
    )


def _head(addressee: Addressee, now: datetime, interaction: str = v.REPLY) -> str:
    message_id, sender = addressee.heading.message_id, addressee.heading.sender
    own_id = uuid5(NAMESPACE_OID, f"{message_id}{addressee.query_id}")
    name = f"<name>{_content(sender.extension)}</name>" if sender.extension else ""
    return (
        f'<id root="{own_id}"/><creationTime value="{now.astimezone(_BRASILIA):%Y%m%d%H%M%S}"/>'
        f'<interactionId root="{v.INTERACTION}" extension="{interaction}"/><processingCode code="T"/>'
        '<processingModeCode code="T"/><acceptAckCode code="NE"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{escape(sender.root)}"/>{name}</device></receiver>'
        '<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{v.CADSUS}"/></device></sender>'
    )


def _acknowledgement(addressee: Addressee, found: Found) -> str:
    detail = (
        f'<acknowledgementDetail typeCode="E"><code code="CADSUS"/><text>{_content(found.complaint)}</text>'
        "</acknowledgementDetail>"
        if found.complaint
        else ""
    )
    target = f"<targetMessage>{_id('id', addressee.heading.message_id)}</targetMessage>"
    return f'<acknowledgement><typeCode code="{found.acknowledgement}"/>{target}{detail}</acknowledgement>'


def _query_ack(addressee: Addressee, found: Found) -> str:
    current = len(found.people)
    total = found.before + current + found.remaining
    quantities = (("Total", total), ("Current", current), ("Remaining", found.remaining))
    results = "".join(f'<result{name}Quantity value="{quantity}"/>' for name, quantity in quantities)
    code = f'<queryResponseCode code="{found.code}"/>{results}' if found.code else ""
    return f"<queryAck>{_id('queryId', addressee.query_id)}{code}</queryAck>"


def _id(element: str, identifier: Identifier) -> str:
    return f'<{element} root="{escape(identifier.root)}" extension="{escape(identifier.extension)}"/>'


def _content(text: str) -> str:
    return escape(text, quote=False)


def _renamed(message: str, behaviours: Behaviours) -> str:
    """The same message with HL7's namespace under a prefix, as some servers write it, or under another name."""
    if Behaviour.PREFIXED in behaviours:
        message = re.sub(r"<(/?)(?=[A-Za-z]\w*[\s/>])", r"<\1ns2:", message)
        message = re.sub(r'xsi:type="(?=[A-Z]+")', 'xsi:type="ns2:', message)
        message = message.replace(f'xmlns="{v.HL7}"', f'xmlns:ns2="{v.HL7}"')
    return message.replace(f'="{v.HL7}"', f'="{v.HL7_SHORT}"') if Behaviour.SHORT_NAMESPACE in behaviours else message
