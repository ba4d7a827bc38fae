"""Staged records compared with the registry: equal ones never leave the database.

What is not equal is sorted into shapes. Records of one shape agree in everything that a decision rests on, so that
pure code (sib.domain.reconcile) decides once for all of them; only where words differ it must look at each.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, FilteredRelation, Q
from django.utils import timezone

from beneficiaries.models import CnsNumber, Person
from cnsportal.db.sql_files import read_statements
from sib.domain.reconcile import ADULT_AGE_YEARS, DifferenceAction, Outcome
from sib.models import ConferenceFile
from sib.queries.staging_tables import large_work_memory, with_tables

_SQL = read_statements("sib/sql/candidates.sql")
_FACTS = (
    "DROP TABLE IF EXISTS {facts}, {candidates}, {by_code}, {two_numbers}, {different}, {odd}, {moved}",
    "SET LOCAL default_statistics_target = 10",
    "ANALYZE {rows} (position, cco, cns, situacao)",
    _SQL["create_facts"],
    "ANALYZE {facts}",
)
_DIFFERENCES = (
    _SQL["add_candidates"],
    "ANALYZE {candidates}",
    _SQL["create_by_code"],
    _SQL["create_two_numbers"],
    "ANALYZE {by_code}, {two_numbers}",
    _SQL["create_different"],
    "DROP TABLE {candidates}, {by_code}, {two_numbers}",
    "ALTER TABLE {different} ADD PRIMARY KEY (position)",
    "ANALYZE {different}",
    _SQL["create_odd"],
    "ALTER TABLE {odd} ADD PRIMARY KEY (position)",
)


def find_facts(file: ConferenceFile) -> None:
    """Fill the table of what only the whole conference shows of its records."""
    _take(_FACTS, file)


def find_different(file: ConferenceFile) -> int:
    """Fill the tables of the records that are not simply equal; how many these are."""
    candidates = "create_candidates" if CnsNumber.objects.current().exists() else "create_candidates_of_all"
    _take((_SQL[candidates], *_DIFFERENCES), file)
    with connection.cursor() as cursor:
        cursor.execute(with_tables("SELECT count(*) FROM {different}", file.pk))
        return int(cursor.fetchone()[0])


def _take(steps: Sequence[str], file: ConferenceFile) -> None:
    with large_work_memory(), connection.cursor() as cursor:
        for step in steps:
            cursor.execute(with_tables(step, file.pk), _parameters(file))


def _parameters(file: ConferenceFile) -> dict[str, Any]:
    today = timezone.localdate()
    return {"operator": file.operator_id, "today": today, "of_age_since": years_before(today, ADULT_AGE_YEARS)}


def years_before(day: date, years: int) -> date:
    """Whoever was born on 29 February has a birthday on the 28th of other years."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)


def shapes(file: ConferenceFile) -> list[tuple[str, int, dict[str, Any]]]:
    """Each shape among the plain differences: how many records have it, and one of them in full."""
    with connection.cursor() as cursor:
        cursor.execute(with_tables(_SQL["count_shapes"], file.pk))
        found = cursor.fetchall()
        examples = with_tables(_SQL["records"], file.pk, condition="d.position = ANY (%(positions)s)")
        cursor.execute(examples, {**_parameters(file), "positions": [position for _, _, position in found]})
        by_position = {row["position"]: row for row in _rows(cursor)}
    return [(shape, count, by_position[position]) for shape, count, position in found]


def odd_rows(file: ConferenceFile, size: int) -> Iterator[Sequence[dict[str, Any]]]:
    """The records that must be looked at one by one, in lists of up to ``size``."""
    query = with_tables("SELECT * FROM {odd} WHERE position > %s ORDER BY position LIMIT %s", file.pk)
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [last, size])
            chunk = list(_rows(cursor))
        if not chunk:
            return
        yield chunk
        last = chunk[-1]["position"]


def _rows(cursor: Any) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return (dict(zip(names, values, strict=True)) for values in cursor.fetchall())


def coverage(file: ConferenceFile) -> dict[str, int]:
    """People with an active link: how many, with a CNS today, and with one once all of the conference is applied."""
    current = FilteredRelation("cns_numbers", condition=Q(cns_numbers__ended_at=None))
    people = Person.objects.with_active_link().annotate(current=current)
    counts = people.aggregate(active=Count("pk"), before=Count("current"))
    new = file.differences.filter(outcome=Outcome.CNS_NEW.name, deed=DifferenceAction.ATTACH)
    gained: int = new.aggregate(people=Count("person", distinct=True))["people"]
    return {**counts, "after": counts["before"] + gained}
