"""Lookups wished for, sent, and sent again."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import PendingReason, Person
from beneficiaries.services import note_pending
from cadsus.models import Lookup, Priority, Reason
from cnsportal.runs import OPEN, Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

SENT_AT_ONCE = 1000
ASKED_AGAIN_AFTER = 30  # days since an answer that gave no CNS

_INSERT = """
    INSERT INTO cadsus_lookup
           (operator_id, person_id, environment, reason, priority, requested_by_id, queued_at, status,
            attempt, done, failure, failure_id, outcome, attached, tier, finding, failures, key, number)
    SELECT operator_id, id, %s, %s, %s, %s, %s, %s, 0, 0, '', '', '', false, '', '', 0, '', ''
      FROM beneficiaries_person
     WHERE operator_id = %s AND id = ANY(%s) AND (cpf IS NOT NULL OR mother_name <> '')
     ORDER BY id
        ON CONFLICT DO NOTHING
 RETURNING person_id, id
"""


@transaction.atomic
def ask_cns(
    person_ids: Collection[int], *, reason: Reason, priority: Priority, actor: User | None = None
) -> dict[int, int]:
    """Queue a question about each of these people; their open lookups by person.

    A person who has an open lookup gets no second one: it is hurried, and one that waits for another try is sent now.
    People of whom too little is known to ask are left out and marked so.
    """
    ids = list(person_ids)
    created = _insert(ids, reason, priority, actor)
    hurried = _hurry([person for person in ids if person not in created], priority)
    _mark(ids, created, actor, reason)
    _send({**created, **hurried}.values(), priority)
    return {**created, **dict(Lookup.objects.open().filter(person__in=ids).values_list("person_id", "pk"))}


def _insert(ids: list[int], reason: Reason, priority: Priority, actor: User | None) -> dict[int, int]:
    environment, asker = settings.CADSUS_ENVIRONMENT, actor.pk if actor else None
    fixed: list[Any] = [environment, reason.value, priority.value, asker, timezone.now(), Status.QUEUED.value]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*fixed, current_operator_id(), ids])
        return dict(cursor.fetchall())


def _hurry(ids: list[int], priority: Priority) -> dict[int, int]:
    """Open lookups that may go sooner than they would, moved forward."""
    slower = Q(status=Status.WAITING) | Q(status=Status.QUEUED, priority__gt=priority)
    found = Lookup.objects.select_for_update().filter(slower, person__in=ids).order_by("pk")
    lookups = dict(found.values_list("person_id", "pk"))
    Lookup.objects.filter(pk__in=lookups.values()).update(
        status=Status.QUEUED, priority=priority, queued_at=timezone.now(), next_attempt_at=None, failures=0
    )
    return lookups


def _mark(ids: list[int], created: Mapping[int, int], actor: User | None, reason: Reason) -> None:
    unknown = Person.objects.filter(pk__in=ids, cpf__isnull=True, mother_name="").values_list("pk", flat=True)
    note_pending({**dict.fromkeys(created, PendingReason.QUEUED), **dict.fromkeys(unknown, PendingReason.TOO_LITTLE)})
    record(
        Event(EventKind.CNS_ASKED, "lookup", lookup, person, actor, f"cadsus.lookup:{lookup}", {"reason": str(reason)})
        for person, lookup in created.items()
    )


def _send(lookup_ids: Iterable[int], priority: Priority) -> None:
    operator_id = current_operator_id()
    for lookup_id in lookup_ids:
        Lookup(pk=lookup_id, operator_id=operator_id).enqueue(priority.queue)


@transaction.atomic
def send_due(lookup_ids: Collection[int] | None = None) -> int:
    """Queue again what waited for another try (of these lookups, or of all); how many."""
    due = Lookup.objects.due() if lookup_ids is None else Lookup.objects.due().filter(pk__in=lookup_ids)
    taken = due.select_for_update(skip_locked=True).order_by("priority", "next_attempt_at")
    found = list(taken.values_list("pk", "priority")[:SENT_AT_ONCE])
    now = timezone.now()
    Lookup.objects.filter(pk__in=[pk for pk, _ in found]).update(
        status=Status.QUEUED, queued_at=now, next_attempt_at=None
    )
    for priority in Priority:
        _send([pk for pk, its in found if its == priority], priority)
    return len(found)


def ask_missing() -> int:
    """Queue a question about everybody who has no CNS and was not answered lately; how many were."""
    lately = Lookup.objects.answered_within(ASKED_AGAIN_AFTER).values("person")
    busy = Lookup.objects.filter(status__in=OPEN).values("person")
    people = Person.objects.without_cns().with_active_link().exclude(pk__in=lately).exclude(pk__in=busy)
    asked = 0
    for batch in people.in_batches(SENT_AT_ONCE):
        asked += len(ask_cns(batch, reason=Reason.WITHOUT_CNS, priority=Priority.BACKLOG))
    return asked
