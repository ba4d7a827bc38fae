"""Bulk actions on lookups: cancel them, or ask again once the cause is fixed."""

from collections.abc import Collection, Iterator

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from beneficiaries.services import note_questions
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.queries.queue_overview import failed_for_good
from cadsus.services.lookups.enqueue import ask_cns, try_now
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

BATCH_SIZE = 1000
MAX_ASKED_AGAIN = 5000


def request_cancel(priorities: Collection[Priority], actor: User) -> None:
    """Have a worker do what ``cancel_queued`` does: of a long queue that takes longer than a page may."""
    _send("cadsus.cancel_queued", priorities=[int(each) for each in priorities], actor_id=actor.pk)


@transaction.atomic
def cancel_queued(priorities: Collection[Priority], actor: User) -> int:
    """Take what is queued or waits for another try out of the queue, and leave what is under way to end; how many."""
    waiting = Lookup.objects.filter(status__in=[Status.QUEUED, Status.WAITING], priority__in=priorities)
    cancelled = sum(map(_cancel, _batches(list(waiting.values_list("pk", flat=True)))))
    if cancelled:
        _record(EventKind.LOOKUPS_CANCELLED, actor, count=cancelled, priorities=[each.name for each in priorities])
    return cancelled


ASKING = "O DATASUS está sendo consultado sobre uma destas pessoas. Espere um minuto e tente de novo."


def stop_lookups(people: Collection[int]) -> str:
    """Take the questions about these people out of the queue; a sentence where one is under way.

    A guard (beneficiaries.registry): an answer must not come to a record that is merged or split meanwhile.
    """
    asked = list(Lookup.objects.open().filter(person__in=people).values_list("pk", flat=True))
    return "" if _cancel(asked) == len(asked) else ASKING


def _cancel(lookup_ids: list[int]) -> int:
    """Those of them that no worker has claimed meanwhile."""
    idle = Lookup.objects.filter(pk__in=lookup_ids, status__in=[Status.QUEUED, Status.WAITING])
    people = dict(idle.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "person_id"))
    Lookup.objects.filter(pk__in=people).update(status=Status.CANCELLED, finished_at=timezone.now())
    note_questions(people.values(), None)
    return len(people)


@transaction.atomic
def ask_again(failure: str, actor: User) -> int:
    """Queue a new question about those who could not be asked for this reason, so many at a time; how many were."""
    people = list(failed_for_good().filter(failure=failure).values_list("person", flat=True)[:MAX_ASKED_AGAIN])
    for batch in _batches(people):
        ask_cns(batch, reason=LookupReason.REQUESTED, priority=Priority.BACKLOG, actor=actor)
    if people:
        _record(EventKind.LOOKUPS_REPEATED, actor, count=len(people), failure=failure)
    return len(people)


@transaction.atomic
def raise_priority(actor: User) -> int:
    """Try now what waits for another try; how many lookups."""
    hurried = try_now(Lookup.objects.filter(environment=settings.CADSUS_ENVIRONMENT))
    if hurried:
        _record(EventKind.LOOKUPS_HURRIED, actor, count=hurried)
    return hurried


@transaction.atomic
def ask_all_missing(actor: User) -> None:
    """Have a worker do by day what the night does: ask about all without a CNS whose answer is not recent."""
    _record(EventKind.MISSING_ASKED, actor)
    _send("cadsus.ask_missing_here")


def _send(task: str, **arguments: object) -> None:
    message = {"operator_id": current_operator_id(), **arguments}
    transaction.on_commit(lambda: current_app.send_task(task, kwargs=message, queue="lookups"))


def _batches(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + BATCH_SIZE] for start in range(0, len(keys), BATCH_SIZE))


def _record(kind: EventKind, actor: User, **data: object) -> None:
    record([Event(kind, "operator", current_operator_id(), actor=actor, data=data)])
