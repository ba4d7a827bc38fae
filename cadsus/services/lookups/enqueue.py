"""Puts lookups into the priority queue, and sends and resends their messages."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import PendingReason
from beneficiaries.services import note_questions
from cadsus.domain.search_override import NO_OVERRIDE, SearchOverride
from cadsus.models import Lookup, LookupQuerySet, LookupReason, Priority
from cadsus.services.lookups.worker import wake_queue
from cnsportal.db.sql_files import read_statements
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

_SQL = read_statements("cadsus/sql/lookups.sql")


@transaction.atomic
def ask_cns(
    person_ids: Collection[int],
    *,
    reason: LookupReason,
    priority: Priority,
    actor: User | None = None,
    by: SearchOverride | None = None,
) -> dict[int, int]:
    """Queue a question about each of these people; their open lookups by person.

    ``by`` says what to ask by, where it is not left to the portal. A person who has an open lookup gets no second one:
    its priority is raised, and one that waits for a retry is sent now. People of whom too little is known are left out.
    """
    ids = list(person_ids)
    created = _insert(ids, [reason, priority, actor.pk if actor else None], by)
    hurried = _raise_priority([person for person in ids if person not in created], priority, by.columns() if by else {})
    if by is None or by.is_by_registry:
        note_questions(created, PendingReason.QUEUED)
    _record(created, actor, reason)
    _send([*created.values(), *hurried.values()], priority)
    return {**created, **dict(Lookup.objects.open().filter(person__in=ids).values_list("person_id", "pk"))}


def _insert(ids: list[int], why: list[Any], by: SearchOverride | None) -> dict[int, int]:
    wish = by.columns() if by else NO_OVERRIDE
    row = [settings.CADSUS_ENVIRONMENT, *why, *wish.values(), timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(_SQL["insert"], [*row, current_operator_id(), ids, by is not None and by.suffices])
        return dict(cursor.fetchall())


def _raise_priority(ids: list[int], priority: Priority, by: dict[str, str]) -> dict[int, int]:
    """Open lookups that may go sooner than they would, moved forward."""
    slower = Q(status=Status.WAITING) | Q(status=Status.QUEUED, priority__gt=priority)
    if by:
        slower = Q(status__in=[Status.WAITING, Status.QUEUED])
    found = Lookup.objects.select_for_update().filter(slower, person__in=ids).order_by("pk")
    lookups = dict(found.values_list("person_id", "pk"))
    Lookup.objects.filter(pk__in=lookups.values()).requeue(priority=priority, failures=0, **by)
    return lookups


def _record(created: Mapping[int, int], actor: User | None, reason: LookupReason) -> None:
    record(
        Event(EventKind.CNS_ASKED, "lookup", lookup, person, actor, f"cadsus.lookup:{lookup}", {"reason": str(reason)})
        for person, lookup in created.items()
    )


def _send(lookup_ids: list[int], priority: Priority) -> None:
    """Who waits at a screen gets a message of its own; for the others a worker is called to the queue."""
    if priority is Priority.INTERACTIVE:
        for lookup_id in lookup_ids:
            Lookup(pk=lookup_id, operator_id=current_operator_id(), priority=priority).enqueue()
    elif lookup_ids:
        wake_queue()


def try_now(lookups: LookupQuerySet) -> int:
    """Send those that wait for another try back into the queue; how many."""
    sent = lookups.filter(status=Status.WAITING).requeue()
    if sent:
        wake_queue()
    return sent
