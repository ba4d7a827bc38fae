"""The only place that attaches a CNS to a person."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from beneficiaries.domain.identifiers import cns_is_valid
from beneficiaries.models import CnsNumber, CnsSource, PendingReason, Person
from beneficiaries.models.cns import EndReason
from beneficiaries.services.pending_facts import CnsRefusal, note_refusals
from beneficiaries.services.review_cases import ReviewCase, drop_answered, drop_answered_of_attached, open_reviews
from cnsportal.db.sql_files import read_statements
from operators.audit import Event, EventKind, record, record_set
from operators.context import current_operator_id
from operators.models import User

_SQL = read_statements("beneficiaries/sql/attach_cns.sql")


@unique
class Attachment(Enum):
    """Everything that may come of offering a number to a person."""

    ATTACHED = "vinculado"
    UNCHANGED = "já era este"
    CONFIRMED = "confirmado"
    SUPERSEDED = "substituiu o anterior"
    CONFLICT = "a pessoa tem outro número, de fonte melhor"
    TAKEN = "o número é de outra pessoa"
    INVALID = "não passa nos dígitos de conferência"
    UNKNOWN_PERSON = "a pessoa não existe"
    DISOWNED = "já foi retirado desta pessoa; espera uma decisão"

    @property
    def is_written(self) -> bool:
        return self in _EVENTS


_EVENTS = {
    Attachment.ATTACHED: EventKind.CNS_ATTACHED,
    Attachment.CONFIRMED: EventKind.CNS_CONFIRMED,
    Attachment.SUPERSEDED: EventKind.CNS_SUPERSEDED,
}
_ENDS = {Attachment.CONFIRMED: EndReason.CONFIRMED, Attachment.SUPERSEDED: EndReason.SUPERSEDED}
BACK = "Este número já foi retirado desta pessoa, por não ser dela. Aceite só se tiver certeza."
_REFUSED = {Attachment.TAKEN: PendingReason.TAKEN, Attachment.INVALID: PendingReason.INVALID}


@dataclass(frozen=True, slots=True)
class CnsOffer:
    """A number for a person, and the decision that stands behind it."""

    person_id: int
    number: str
    source: CnsSource
    kind: str = ""  # "D", "P", or unknown
    verified: bool = True
    tier: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    origin: str = ""  # "sib.conferencefile:12"; goes into the audit trail


@dataclass(frozen=True, slots=True)
class _LockedRegistry:
    """The registry as it stands, under lock: the people asked about and who holds what."""

    people: frozenset[int]
    disowned: frozenset[tuple[int, str]]  # numbers that somebody took from their people, as not theirs
    current: Mapping[int, CnsNumber]  # by person
    holders: dict[str, int]  # by number


def attach_cns(wanted: Sequence[CnsOffer], *, actor: User | None = None) -> dict[int, Attachment]:
    """Offer one number to each of these people; the answer says what came of it, person by person.

    The set is one transaction: history, audit events and pending reasons change together or not at all. Offering the
    same again changes nothing, but DATASUS's saying so is dated (Person.cns_confirmed_at). Of two people who want one
    number the first by person id gets it. Locks are taken on people in ascending id, then on numbers in ascending
    order, here and nowhere else.
    """
    if len({offer.person_id for offer in wanted}) != len(wanted):
        raise ValueError("a person stands twice in one set")
    offers = sorted(wanted, key=lambda offer: offer.person_id)
    with transaction.atomic():
        while True:
            answers, complete = _attempt(offers, actor)
            if complete:
                return answers


def _attempt(offers: list[CnsOffer], actor: User | None) -> tuple[dict[int, Attachment], bool]:
    """One round; incomplete when another transaction took a number meanwhile, which the next round will see."""
    savepoint = transaction.savepoint()
    held = _lock(offers)
    answers = {offer.person_id: _answer(offer, held) for offer in offers}
    if not _write(offers, answers, held, actor):
        transaction.savepoint_rollback(savepoint)
        return {}, False
    _record(offers, answers, held, actor)
    _note_confirmed(offers, answers)
    note_refusals(_refusals(offers, answers))
    _open_reviews(offers, answers)
    drop_answered([person for person, answer in answers.items() if answer.is_written])
    transaction.savepoint_commit(savepoint)
    return answers, True


def _lock(offers: list[CnsOffer]) -> _LockedRegistry:
    ids = [offer.person_id for offer in offers]
    people = Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    locked = frozenset(people.values_list("pk", flat=True))
    history = CnsNumber.objects.filter(Q(ended_at=None) | Q(end_reason=EndReason.NOT_THEIRS), person__in=ids)
    numbers_of_people = list(history)
    current = {cns.person_id: cns for cns in numbers_of_people if cns.is_current}
    disowned = frozenset((cns.person_id, cns.number) for cns in numbers_of_people if not cns.is_current)
    numbers = CnsNumber.objects.current().filter(number__in=[offer.number for offer in offers])
    return _LockedRegistry(locked, disowned, current, dict(numbers.values_list("number", "person_id")))


def _answer(offer: CnsOffer, held: _LockedRegistry) -> Attachment:
    """Where the number may be attached, the person becomes its holder for the rest of the set."""
    if offer.person_id not in held.people:
        return Attachment.UNKNOWN_PERSON
    if not cns_is_valid(offer.number):
        return Attachment.INVALID
    current = held.current.get(offer.person_id)
    if current and current.number == offer.number:
        return Attachment.CONFIRMED if _adds_information(offer, current) else Attachment.UNCHANGED
    if offer.source is not CnsSource.REVIEW and (offer.person_id, offer.number) in held.disowned:
        return Attachment.DISOWNED
    if held.holders.get(offer.number, offer.person_id) != offer.person_id:
        return Attachment.TAKEN
    if current and not offer.source.supersedes:
        return Attachment.CONFLICT
    held.holders[offer.number] = offer.person_id
    return Attachment.SUPERSEDED if current else Attachment.ATTACHED


def _adds_information(offer: CnsOffer, current: CnsNumber) -> bool:
    return (offer.verified and not current.verified) or (
        offer.source.supersedes and bool(offer.kind) and offer.kind != current.kind
    )


def _write(
    offers: list[CnsOffer], answers: Mapping[int, Attachment], held: _LockedRegistry, actor: User | None
) -> bool:
    now = timezone.now()
    for answer, reason in _ENDS.items():
        ended = [held.current[person].pk for person, given in answers.items() if given is answer]
        CnsNumber.objects.filter(pk__in=ended).update(ended_at=now, end_reason=reason)
    written = [offer for offer in offers if answers[offer.person_id].is_written]
    return not written or _insert(written, now, actor) == len(written)


def _insert(offers: list[CnsOffer], now: Any, actor: User | None) -> int:
    """How many rows went in; one less for each number that another transaction took."""
    rows = sorted(offers, key=lambda offer: offer.number)
    columns: list[list[Any]] = [
        [offer.person_id for offer in rows],
        [offer.number for offer in rows],
        [offer.kind for offer in rows],
        [str(offer.source) for offer in rows],
        [offer.verified for offer in rows],
        [offer.tier for offer in rows],
        [json.dumps(offer.evidence, ensure_ascii=False) for offer in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SQL["insert"], [current_operator_id(), now, actor.pk if actor else None, *columns])
        return int(cursor.rowcount)


def attach_from_select(
    offers: str,
    parameters: Mapping[str, Any],
    *,
    source: CnsSource,
    origin: str,
    verified: bool = True,
    actor: User | None = None,
) -> int:
    """The same for a great set that is in the database already, as far as it is plain: people without a number are
    offered ones that are valid, nobody's, and wanted by nobody else. Whatever else ``offers`` holds is left as it is,
    for attach_cns.

    ``offers`` is SQL that selects person_id, number, tier and evidence, and what the caller likes to find again: until
    the transaction ends they stand in the table ``offered``, and those who got their number in ``attached`` (person_id,
    number). How many these are. The same locks, in the same order.
    """
    about: dict[str, Any] = {"operator": current_operator_id(), "now": timezone.now(), "source": str(source)}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["offered"].format(offers=offers), {**parameters, **about})
        cursor.execute("ANALYZE offered (person_id, number)")
        cursor.execute(_SQL["lock_offered"])
        cursor.execute(_SQL["insert_new"], {**about, "actor": actor.pk if actor else None, "verified": verified})
        cursor.execute("ANALYZE attached")
    drop_answered_of_attached()
    return record_set(EventKind.CNS_ATTACHED, "person", _SQL["attached"], about, actor=actor, source=origin)


def _record(
    offers: Iterable[CnsOffer], answers: Mapping[int, Attachment], held: _LockedRegistry, actor: User | None
) -> None:
    silent = {Attachment.UNCHANGED, Attachment.UNKNOWN_PERSON}
    told = [offer for offer in offers if answers[offer.person_id] not in silent]
    record(_event(offer, answers[offer.person_id], held.current.get(offer.person_id), actor) for offer in told)


def _note_confirmed(offers: Iterable[CnsOffer], answers: Mapping[int, Attachment]) -> None:
    """That DATASUS gave these people the number that they have: no history, but a day that cards show."""
    asked = (offer for offer in offers if offer.source is CnsSource.CADSUS and offer.verified)
    if people := [offer.person_id for offer in asked if answers[offer.person_id] is Attachment.UNCHANGED]:
        Person.objects.filter(pk__in=people).update(cns_confirmed_at=timezone.now())


def _open_reviews(offers: Iterable[CnsOffer], answers: Mapping[int, Attachment]) -> None:
    """What was taken from a person once comes back by a person's decision alone."""
    if cases := [_case(offer) for offer in offers if answers[offer.person_id] is Attachment.DISOWNED]:
        open_reviews(cases)


def _case(offer: CnsOffer) -> ReviewCase:
    comparison = offer.evidence.get("comparison", [])
    return ReviewCase(
        offer.person_id, offer.number, offer.source, offer.tier or "E", BACK, offer.kind, comparison, offer.origin
    )


def _refusals(offers: Iterable[CnsOffer], answers: Mapping[int, Attachment]) -> list[CnsRefusal]:
    refused = [offer for offer in offers if answers[offer.person_id] in _REFUSED]
    return [CnsRefusal(each.person_id, _REFUSED[answers[each.person_id]], each.source, each.number) for each in refused]


def _event(offer: CnsOffer, answer: Attachment, previous: CnsNumber | None, actor: User | None) -> Event:
    data: dict[str, Any] = {
        "number": offer.number,
        "source": str(offer.source),
        "tier": offer.tier,
        "answer": answer.name,
    }
    if answer is Attachment.SUPERSEDED and previous:
        data["previous"] = previous.number
    kind = _EVENTS.get(answer, EventKind.CNS_REFUSED)
    return Event(kind, "person", offer.person_id, offer.person_id, actor, offer.origin, data)
