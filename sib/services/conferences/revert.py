"""The undo (compensation) of an applied conference: exactly what it changed, except where later work depends on it.

Everything is looked at before anything is changed. Then chunk after chunk is held, looked at once more and taken
back, each in one transaction with its marks: a worker that is killed is followed by one that finds the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Min
from django.utils import timezone

from beneficiaries.registry import Dependent
from beneficiaries.services.detach_cns import (
    lock_people,
    withdraw_ccos,
    withdraw_cns,
    withdraw_reviews,
)
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.models import User
from sib.domain.reconcile import DifferenceAction
from sib.models import CnxStep, ConferenceFile, Difference, Movement, MovementState
from sib.queries.apply_summary import REVERTED, WRITTEN, undoable
from sib.queries.dependents import conference_dependents, drafts_on, gave_cco, numbers_of
from sib.services.conferences.apply import lock_lanes
from sib.services.pending_facts import note_what_ans_refuses

CHUNK_SIZE = 2_000
MAX_NAMED = 20
OUTDATED = {
    "field": "",
    "sentence": "A conferência que trouxe este dado foi desfeita.",
    "mend": "Levante as movimentações de novo.",
}
MAX_ATTEMPTS = 3  # of a chunk whose former number somebody takes in the very moment


@dataclass
class RevertRefusal:
    """What prevents it: on how many people, and the first of it by name."""

    people: set[int] = field(default_factory=set)
    named: list[dict[str, Any]] = field(default_factory=list)

    def add(self, found: Sequence[Dependent]) -> None:
        self.people |= {each.person_id for each in found}
        self.named += [each.as_json() for each in found[: MAX_NAMED - len(self.named)]]


def request_revert(file: ConferenceFile, *, actor: User | None = None) -> bool:
    """Let what the conference changed be taken back; False when nothing of it is applied, or a worker is at it.

    The caller enqueues or processes it.
    """
    total = undoable(file).count()
    if not total:
        return False
    at_rest = [Status.WAITING, Status.DONE, Status.FAILED, Status.CANCELLED]
    rested = ConferenceFile.objects.filter(pk=file.pk, status__in=at_rest)
    return bool(
        rested.filter(step__in=[CnxStep.REHEARSED, CnxStep.APPLIED, CnxStep.REVERTING]).update(
            status=Status.QUEUED,
            step=CnxStep.REVERTING,
            wants_apply=False,
            reverted_by=actor,
            standing=[],
            failure="",
            failure_id="",
            done=0,
            total=total,
            queued_at=timezone.now(),
        )
    )


def revert_conference(file: ConferenceFile, heartbeat: Callable[[int], bool]) -> None:
    """Do it and finish the job; what is done is done, and the rest left to others, when the job was taken from us."""
    with transaction.atomic():
        lock_lanes(file)  # a worker that was cancelled in the middle of a range keeps that range
    since = undoable(file).aggregate(first=Min("applied_at"))["first"]
    before = RevertRefusal()
    for chunk in _chunks(file):
        before.add(conference_dependents(file, chunk, numbers_of(file, chunk), since))
        if not heartbeat(0):
            return
    if before.people:
        _finish(file, before)
        return
    slipped, undone = RevertRefusal(), 0
    for chunk in _chunks(file):
        undone += _undo_surely(file, chunk, since, slipped)
        if not heartbeat(undone):
            return
    _finish(file, slipped)


def _chunks(file: ConferenceFile) -> Iterator[list[Difference]]:
    """What is applied and not undone, the last first: so the first word on a person is what remains."""
    below: dict[str, int] = {}
    while chunk := list(undoable(file).filter(**below).order_by("-pk")[:CHUNK_SIZE]):
        yield chunk
        below = {"pk__lt": chunk[-1].pk}


def _undo_surely(file: ConferenceFile, chunk: Sequence[Difference], since: datetime, slipped: RevertRefusal) -> int:
    """As ``_undo``, again where another transaction took a number that was to be current again: then it stands."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return _undo(file, chunk, since, slipped)
        except IntegrityError:
            continue
    return _undo(file, chunk, since, slipped)


@transaction.atomic
def _undo(file: ConferenceFile, chunk: Sequence[Difference], since: datetime, slipped: RevertRefusal) -> int:
    """Take back what nothing depends on by now; how many differences that are."""
    people = {each.person_id for each in chunk if each.person_id}
    lock_people(people, [each.origin for each in chunk])
    numbers = numbers_of(file, chunk)
    drafts = drafts_on(chunk, numbers, since)
    found = conference_dependents(file, chunk, numbers, since)
    kept = {each.person_id for each in found}
    free = [each for each in chunk if each.person_id not in kept]
    freed = {each.person_id for each in free if each.person_id}
    actor, origin = file.reverted_by, file.origin
    withdraw_cns([numbers[person].pk for person in freed if person in numbers], origin=origin, actor=actor)
    withdraw_ccos({each.beneficiary_id or 0: each.cco for each in free if gave_cco(each)}, origin=origin, actor=actor)
    withdraw_reviews(freed, [each.origin for each in free if each.deed == DifferenceAction.REVIEW], actor=actor)
    outdated = Movement.objects.filter(pk__in=[pk for pk, person in drafts.items() if person not in kept])
    outdated.update(state=MovementState.HELD, problems=[OUTDATED])
    _mark(free)
    slipped.add(found)
    return len(free)


def _mark(differences: Sequence[Difference]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"ids": [each.pk for each in differences], "answer": REVERTED})


_MARK = """
    UPDATE sib_difference SET undo = coalesce(undo, '{}') || jsonb_build_object('was', answer), answer = %(answer)s
     WHERE id = ANY (%(ids)s::bigint[])
"""


@transaction.atomic
def _finish(file: ConferenceFile, refusal: RevertRefusal) -> None:
    """Undone; or left as it is, saying what prevents it. What a killed worker undid counts too."""
    is_over = not refusal.people
    undone = file.differences.filter(answer=REVERTED).count()
    left = file.differences.to_apply().exists()
    status = Status.WAITING if left and not is_over else Status.DONE
    sentence = "" if is_over else _sentence(refusal, undone)
    if not file.finish(status, sentence):
        return
    ConferenceFile.objects.filter(pk=file.pk).update(
        step=CnxStep.REVERTED if is_over else CnxStep.REHEARSED if left else CnxStep.APPLIED,
        applied=file.differences.filter(answer__in=WRITTEN).count(),
        standing=refusal.named,
        reverted_at=timezone.now() if is_over else None,
    )
    note_what_ans_refuses()
    if undone:
        data = {"undone": undone, "kept": len(refusal.people)}
        record([Event(EventKind.CNX_REVERTED, "conferencefile", file.pk, actor=file.reverted_by, data=data)])


def _sentence(refusal: RevertRefusal, undone: int) -> str:
    people = len(refusal.people)
    whom = "1 pessoa" if people == 1 else f"{people} pessoas"
    if not undone:
        return f"Nada foi desfeito: há trabalho posterior sobre {whom}. Desfaça-o primeiro e tente de novo."
    return f"{undone} registros foram desfeitos; sobre {whom} surgiu trabalho durante o processo, e ali nada mudou."
