"""Bulk updates and their change events (before and after); and the advisory lock of the registry."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, models
from django.utils import timezone

from cnsportal.db.locks import AdvisoryLock, lock_until_commit
from operators.audit import Event, EventKind
from operators.context import current_operator_id
from operators.models import User

Changes = dict[str, tuple[object, object]]  # field → before, after


def lock_registry() -> None:
    """Until the transaction ends nobody else brings people or links of this operator up to date.

    An import reads a batch of rows and writes them whole: what somebody wrote in between would be lost.
    """
    lock_until_commit(AdvisoryLock.REGISTRY, current_operator_id())


def lock_referenced_people(people: Collection[int]) -> set[int]:
    """Those of these people who are there, and stay until the transaction ends: rows that refer to them may be made.

    The database checks such rows only at the end, when a merge may have taken the person's record away.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REFERENCES, [current_operator_id(), sorted(people)])
        return {pk for (pk,) in cursor.fetchall()}


_REFERENCES = """
    SELECT id FROM beneficiaries_person WHERE operator_id = %s AND id = ANY (%s) ORDER BY id FOR KEY SHARE
"""


def bulk_overwrite(model: Any, rows: Sequence[Any], fields: Iterable[str]) -> None:
    """Write these fields of rows that are there, in one statement: the half of an upsert that is not an insert."""
    names = list(fields)
    if "updated_at" in names:
        now = timezone.now()
        for row in rows:
            row.updated_at = now
    if rows and names:
        model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=names)


def change_event(
    kind: EventKind, pk: int, person_id: int | None, changes: Changes, *, actor: User | None, source: str
) -> Event:
    """The event of a row that changed; what it was and became are the event's personal part."""
    data: dict[str, Any] = {
        "fields": sorted(changes),
        "before": {name: _plain(before) for name, (before, _) in changes.items()},
        "after": {name: _plain(after) for name, (_, after) in changes.items()},
    }
    return Event(kind, kind.code.partition(".")[0], pk, person_id, actor, source, data)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value.pk if isinstance(value, models.Model) else value
