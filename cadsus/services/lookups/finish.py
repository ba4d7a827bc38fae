"""Writes the ends of many lookups with two statements, however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from cadsus.models import Lookup, LookupOutcome
from cnsportal.db.sql_files import read_statements
from cnsportal.jobs import Status

_SQL = read_statements("cadsus/sql/lookups.sql")


@dataclass(frozen=True, slots=True)
class LookupResult:
    """Where a lookup stands after its call."""

    lookup: Lookup
    status: Status
    outcome: LookupOutcome
    attached: bool = False
    tier: str = ""
    finding: str = ""
    failure: str = ""
    failures: int = 0
    next_attempt_at: datetime | None = None


def claimed_lookups(lookups: Sequence[Lookup]) -> set[int]:
    """Those of the claimed lookups that nobody has cancelled or taken over, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL["claimed_lookups"], [[lookup.pk for lookup in lookups], [lookup.attempt for lookup in lookups]]
        )
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
            cursor.execute(_SQL["settle"], [timezone.now(), *columns])
