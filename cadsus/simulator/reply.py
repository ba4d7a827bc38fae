"""The reply PRPA_IN201306UV02 and the SOAP 1.2 fault: whole messages, as bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from html import escape
from uuid import NAMESPACE_OID, uuid5

from cadsus.simulator import vocabulary as v
from cadsus.simulator.behaviours import Behaviour, Behaviours
from cadsus.simulator.people import Person
from cadsus.simulator.question import Identifier, Question
from cadsus.simulator.registrant import subject

_BRASILIA = timezone(timedelta(hours=-3))
_ENVELOPE = f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{v.SOAP}"><S:Body>%s</S:Body></S:Envelope>'


class ResponseCode(StrEnum):
    OK = "OK"
    NOT_FOUND = "NF"
    ERROR = "AE"
    PARAMETER_ERROR = "QE"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the people shown, and how many more there would be."""

    people: Sequence[Person] = ()
    remaining: int = 0
    code: ResponseCode = ResponseCode.NOT_FOUND
    complaint: str = ""  # of the acknowledgement AE


def reply(question: Question, found: Found, behaviours: Behaviours, now: datetime) -> bytes:
    subjects = "".join(subject(person, behaviours) for person in found.people)
    message = (
        f'<{v.REPLY} xmlns="{v.HL7}" ITSVersion="XML_1.0">{_head(question, now)}{_acknowledgement(question, found)}'
        '<controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201306UV02"/>'
        f"{subjects}{_query_ack(question, found)}{question.echo}</controlActProcess></{v.REPLY}>"
    )
    return _envelope(_prefixed(message) if Behaviour.PREFIXED in behaviours else message)


def fault(text: str, code: str = "Receiver") -> bytes:
    return _envelope(
        f"<S:Fault><S:Code><S:Value>S:{code}</S:Value></S:Code>"
        f'<S:Reason><S:Text xml:lang="pt">{escape(text, quote=False)}</S:Text></S:Reason></S:Fault>'
    )


def _envelope(body: str) -> bytes:
    return (_ENVELOPE % body).encode()


def _head(question: Question, now: datetime) -> str:
    own_id = uuid5(NAMESPACE_OID, f"{question.message_id}{question.query_id}")
    name = f"<name>{escape(question.sender.extension, quote=False)}</name>" if question.sender.extension else ""
    return (
        f'<id root="{own_id}"/><creationTime value="{now.astimezone(_BRASILIA):%Y%m%d%H%M%S}"/>'
        f'<interactionId root="{v.INTERACTION}" extension="{v.REPLY}"/><processingCode code="T"/>'
        '<processingModeCode code="T"/><acceptAckCode code="NE"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{escape(question.sender.root)}"/>{name}</device></receiver>'
        '<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">'
        f'<id root="{v.CADSUS}"/></device></sender>'
    )


def _acknowledgement(question: Question, found: Found) -> str:
    code = "AE" if found.complaint else "AA"
    detail = (
        f'<acknowledgementDetail typeCode="E"><code code="CADSUS"/><text>{escape(found.complaint, quote=False)}</text>'
        "</acknowledgementDetail>"
        if found.complaint
        else ""
    )
    target = _id("id", question.message_id)
    return (
        f'<acknowledgement><typeCode code="{code}"/><targetMessage>{target}</targetMessage>{detail}</acknowledgement>'
    )


def _query_ack(question: Question, found: Found) -> str:
    current = len(found.people)
    quantities = (("Total", current + found.remaining), ("Current", current), ("Remaining", found.remaining))
    results = "".join(f'<result{name}Quantity value="{quantity}"/>' for name, quantity in quantities)
    return f'<queryAck>{_id("queryId", question.query_id)}<queryResponseCode code="{found.code}"/>{results}</queryAck>'


def _id(element: str, identifier: Identifier) -> str:
    return f'<{element} root="{escape(identifier.root)}" extension="{escape(identifier.extension)}"/>'


def _prefixed(message: str) -> str:
    """The same message with HL7's namespace under a prefix, as some servers write it."""
    prefixed = re.sub(r"<(/?)(?=[A-Za-z]\w*[\s/>])", r"<\1ns2:", message)
    return prefixed.replace(f'xmlns="{v.HL7}"', f'xmlns:ns2="{v.HL7}"')
