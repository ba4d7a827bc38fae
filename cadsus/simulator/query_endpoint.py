"""The door to the registry: a SOAP 1.2 POST with a token."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cadsus.simulator.behaviours import Behaviour, Behaviours
from cadsus.simulator.faults import SOAP_TYPE, instead_of_an_answer, spoilt, wrong_address
from cadsus.simulator.listener import Request, Response
from cadsus.simulator.people import Person
from cadsus.simulator.question import Question, Refused, read_question
from cadsus.simulator.reply import Found, ResponseCode, fault, reply
from cadsus.simulator.state import State
from cadsus.simulator.tokens import Grant

PATH = "/cadsus/v2/PDQSupplierJWT"
MOST_SHOWN = 50  # people in one reply; of the others only the number is told
_WAITING = 3  # people said to be left under the behaviour "remaining"
_UNAUTHORISED = Response(401, b"Unauthorized", "text/plain; charset=utf-8")
_WRONG_TYPE = Response(415, b"Unsupported Media Type", "text/plain; charset=utf-8")


@dataclass(slots=True)
class _Note:
    """What the journal will know of a request."""

    answer: str = "reset"
    client: str = ""
    kind: str = ""
    subject: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class QueryEndpoint:
    state: State

    def __call__(self, request: Request) -> Response:
        note = _Note()
        try:
            response = self._answer(request, note)
            note.answer = f"{response.status} {note.code}".strip()
        finally:
            self.state.journal.write("query", note.answer, client=note.client, kind=note.kind, subject=note.subject)
        return response

    def _answer(self, request: Request, note: _Note) -> Response:
        general = self.state.switches.query | self.state.switches.outage_now
        grant = self._grant(request)
        note.client = grant.fingerprint if grant else ""
        refusal = (
            instead_of_an_answer(general)
            or wrong_address(request, PATH, "POST")
            or (None if grant else _UNAUTHORISED)
            or _wrong_type(request)
        )
        return refusal or self._answer_question(request.body, general, note)

    def _grant(self, request: Request) -> Grant | None:
        """Of the token in the Authorization header, whose scheme is exactly ``jwt``."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.state.office.grant(token.strip()) if scheme == "jwt" else None

    def _answer_question(self, body: bytes, general: Behaviours, note: _Note) -> Response:
        try:
            question = read_question(body)
        except Refused as refusal:
            return Response(500, fault(str(refusal), refusal.code), SOAP_TYPE)
        note.kind, note.subject = question.kind, question.subject
        people = self._search(question)
        behaviours = general | self._due(question, people)
        self.state.pause(behaviours)
        return instead_of_an_answer(behaviours) or _reply(question, people, behaviours, note)

    def _search(self, question: Question) -> list[Person]:
        """By number alone where there is one; the other criteria are then not looked at."""
        registry = self.state.people()
        if not question.numbers:
            return [] if question.local_ids else registry.with_traits(question.traits)
        first, *others = (registry.with_number(kind, digits) for kind, digits in question.numbers)
        return [person for person in first if all(person in other for other in others)]

    def _due(self, question: Question, people: list[Person]) -> Behaviours:
        faults = self.state.switches.faults
        of_numbers = (self.state.due(number, faults.get(number, frozenset())) for _, number in question.numbers)
        of_people = (
            self.state.due(person.key, person.manners | faults.get(person.key, frozenset())) for person in people
        )
        return frozenset().union(*of_numbers, *of_people)


def _wrong_type(request: Request) -> Response | None:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return None if media_type == "application/soap+xml" else _WRONG_TYPE


def _reply(question: Question, people: list[Person], behaviours: Behaviours, note: _Note) -> Response:
    found = _found(people, behaviours)
    note.code = found.code
    return spoilt(Response(200, reply(question, found, behaviours, datetime.now(UTC)), SOAP_TYPE), behaviours)


def _found(people: list[Person], behaviours: Behaviours) -> Found:
    if Behaviour.ACK_ERROR in behaviours:
        return Found(code=ResponseCode.ERROR, complaint="Falha ficticia na aplicacao")
    if Behaviour.QUERY_ERROR in behaviours:
        return Found(code=ResponseCode.PARAMETER_ERROR)
    if Behaviour.NOT_FOUND in behaviours or not people:
        return Found()
    left = max(len(people) - MOST_SHOWN, _WAITING if Behaviour.REMAINING in behaviours else 0)
    return Found(people[:MOST_SHOWN], left, ResponseCode.OK)
