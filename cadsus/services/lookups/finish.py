"""The ends of many lookups, written with two statements however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from cadsus.models import Lookup, Outcome
from cnsportal.jobs import Status


@dataclass(frozen=True, slots=True)
class LookupResult:
    """Where a lookup stands after its call."""

    lookup: Lookup
    status: Status
    outcome: Outcome
    attached: bool = False
    tier: str = ""
    finding: str = ""
    failure: str = ""
    failures: int = 0
    next_attempt_at: datetime | None = None


_OURS = """
    SELECT id
      FROM cadsus_lookup JOIN unnest(%s::bigint[], %s::int[]) AS claimed (pk, attempt_no)
        ON id = pk AND attempt = attempt_no AND status = 'RUNNING'
     ORDER BY id
       FOR UPDATE OF cadsus_lookup
"""

_SETTLE = """
    UPDATE cadsus_lookup
       SET status = ended.status, outcome = ended.outcome, attached = ended.attached, tier = ended.tier,
           finding = ended.finding, failure = ended.failure, failures = ended.failures,
           next_attempt_at = ended.next_attempt_at, finished_at = %s
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[], %s::int[],
                  %s::timestamptz[])
        AS ended (pk, status, outcome, attached, tier, finding, failure, failures, next_attempt_at)
     WHERE id = pk
"""


def still_ours(lookups: Sequence[Lookup]) -> set[int]:
    """Those of the claimed lookups that nobody has cancelled or taken over, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_OURS, [[lookup.pk for lookup in lookups], [lookup.attempt for lookup in lookups]])
        return {pk for (pk,) in cursor.fetchall()}


def settle_lookups(ends: Sequence[LookupResult]) -> None:
    columns: list[list[object]] = [
        [end.lookup.pk for end in ends],
        [end.status.value for end in ends],
        [end.outcome.value for end in ends],
        [end.attached for end in ends],
        [end.tier for end in ends],
        [end.finding for end in ends],
        [end.failure for end in ends],
        [end.failures for end in ends],
        [end.next_attempt_at for end in ends],
    ]
    if ends:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [timezone.now(), *columns])
