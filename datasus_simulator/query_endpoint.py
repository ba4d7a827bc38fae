"""The query endpoint: a SOAP 1.2 POST with a token."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from datasus_simulator import oids as v
from datasus_simulator.behaviours import Behaviour, Behaviours
from datasus_simulator.continuation import OpenQuery, read_continuation
from datasus_simulator.faults import SOAP_TYPE, instead_of_an_answer, spoilt, wrong_address
from datasus_simulator.http_messages import Request, Response
from datasus_simulator.pdq_query import Question, read_question
from datasus_simulator.pdq_response import Addressee, Found, ResponseCode, acknowledgement_alone, fault, reply
from datasus_simulator.people import Person
from datasus_simulator.request_log import Note
from datasus_simulator.soap_message import Message, SoapFault, open_message
from datasus_simulator.state import State
from datasus_simulator.tokens import Grant

PATH = "/cadsus/v2/PDQSupplierJWT"
_REMAINING_PEOPLE = 3  # people said to be left under the behaviour "remaining"
_UNAUTHORISED = Response(401, b"Unauthorized", "text/plain; charset=utf-8")
_WRONG_TYPE = Response(415, b"Unsupported Media Type", "text/plain; charset=utf-8")
_UNKNOWN_QUERY = Found(code=ResponseCode.ERROR, complaint="Consulta desconhecida", acknowledgement="AE")


@dataclass(frozen=True, slots=True)
class QueryEndpoint:
    state: State

    def __call__(self, request: Request) -> Response:
        note = self.state.journal.note(request.fingerprint)
        try:
            response = self._answer(request, note)
            note.answer = f"{response.status} {note.code}".strip()
        finally:
            self.state.journal.write("query", note)
        return response

    def _answer(self, request: Request, note: Note) -> Response:
        general = self.state.switches.query | self.state.switches.outage_now
        grant = self._grant(request)
        note.client = grant.fingerprint if grant else ""
        refusal = (
            instead_of_an_answer(general)
            or wrong_address(request, PATH, "POST")
            or (None if grant else _UNAUTHORISED)
            or _wrong_type(request)
        )
        return refusal or self._answer_message(request.body, general, note)

    def _grant(self, request: Request) -> Grant | None:
        """Of the token in the Authorization header, whose scheme is exactly ``jwt``."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.state.office.grant(token.strip()) if scheme == "jwt" else None

    def _answer_message(self, body: bytes, general: Behaviours, note: Note) -> Response:
        try:
            message = open_message(body)
            if message.kind == v.CONTINUATION:
                return self._answer_continuation(message, general, note)
            return self._answer_question(read_question(message), general, note)
        except SoapFault as refusal:
            return Response(500, fault(str(refusal), refusal.code), SOAP_TYPE)

    # ---- a query ----------------------------------------------------------------------------------------------------

    def _answer_question(self, question: Question, general: Behaviours, note: Note) -> Response:
        note.kind, note.subject = question.kind, question.subject
        people = self._search(question)
        behaviours = general | self._due(question, people)
        self.state.pause(behaviours)
        return instead_of_an_answer(behaviours) or self._reply(question, people, behaviours, note)

    def _search(self, question: Question) -> list[Person]:
        """By number alone where there is one; the other criteria are then not looked at."""
        registry = self.state.people()
        if not question.numbers:
            return [] if question.local_ids else registry.matching(question.criteria)
        first, *others = (registry.with_number(kind, digits) for kind, digits in question.numbers)
        return [person for person in first if all(person in other for other in others)]

    def _due(self, question: Question, people: list[Person]) -> Behaviours:
        faults = self.state.switches.faults
        of_numbers = (self.state.due(number, faults.get(number, frozenset())) for _, number in question.numbers)
        of_people = (
            self.state.due(person.key, person.behaviours | faults.get(person.key, frozenset())) for person in people
        )
        return frozenset().union(*of_numbers, *of_people)

    def _reply(self, question: Question, people: list[Person], behaviours: Behaviours, note: Note) -> Response:
        size = question.quantity or self.state.switches.page_size
        found = _other_answer(behaviours) or _page(people, 0, size)
        if found.remaining:
            self.state.queries.keep(note.client, OpenQuery(question, people, behaviours, size, size))
        if Behaviour.REMAINING in behaviours and found.people:
            found = replace(found, remaining=found.remaining + _REMAINING_PEOPLE)
        addressee = Addressee(question.heading, question.query_id, question.echo)
        return self._sent(addressee, found, behaviours, note)

    # ---- its further pages ------------------------------------------------------------------------------------------

    def _answer_continuation(self, message: Message, general: Behaviours, note: Note) -> Response:
        wanted = read_continuation(message)
        query = self.state.queries.find(note.client, wanted.query_id)
        note.kind, note.subject = "continue", query.question.subject if query else ""
        behaviours = general | self.state.switches.continuation
        self.state.pause(behaviours)
        if response := instead_of_an_answer(behaviours):
            return response
        if query is None:
            return self._sent(Addressee(wanted.heading, wanted.query_id), _UNKNOWN_QUERY, behaviours, note)
        before, size = (wanted.start or query.shown + 1) - 1, wanted.quantity or query.page_size
        self.state.queries.keep(note.client, replace(query, shown=before + size))
        found = _other_answer(behaviours) or _page(query.people, before, size)
        addressee = Addressee(wanted.heading, wanted.query_id, query.question.echo)
        return self._sent(addressee, found, behaviours | query.behaviours, note)

    def _sent(self, addressee: Addressee, found: Found, behaviours: Behaviours, note: Note) -> Response:
        note.code = found.code or ""
        now = datetime.fromtimestamp(self.state.clock(), UTC)
        other = Behaviour.OTHER_MESSAGE in behaviours
        body = acknowledgement_alone(addressee, now) if other else reply(addressee, found, behaviours, now)
        return spoilt(Response(200, body, SOAP_TYPE), behaviours)


def _wrong_type(request: Request) -> Response | None:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return None if media_type == "application/soap+xml" else _WRONG_TYPE


_COMPLAINT = "Falha ficticia na aplicacao"
_OTHER_ANSWERS = {
    Behaviour.ACK_ERROR: Found(code=ResponseCode.ERROR, complaint=_COMPLAINT, acknowledgement="AE"),
    Behaviour.ACK_REJECT: Found(code=ResponseCode.ERROR, complaint=_COMPLAINT, acknowledgement="AR"),
    Behaviour.QUERY_ERROR: Found(code=ResponseCode.PARAMETER_ERROR),
    Behaviour.SILENT: Found(code=None),
    Behaviour.NOT_FOUND: Found(),
}


def _other_answer(behaviours: Behaviours) -> Found | None:
    return next((found for behaviour, found in _OTHER_ANSWERS.items() if behaviour in behaviours), None)


def _page(people: Sequence[Person], before: int, size: int) -> Found:
    """So many people after those ``before``; nobody is left where that is past the last."""
    shown = people[before : before + size]
    left = max(len(people) - before - size, 0)
    return Found(shown, left, ResponseCode.OK if people else ResponseCode.NOT_FOUND, before=min(before, len(people)))
