"""Staged records beside the registry: what is simply equal never leaves the database.

What is not equal is sorted into shapes. Records of one shape agree in everything that a decision rests on, so that
pure code (sib.domain.reconcile) decides once for all of them; only where words differ it must look at each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from beneficiaries.models import CnsNumber
from sib.domain.reconcile import ADULT_AGE_YEARS
from sib.models import ConferenceFile
from sib.queries.staging_tables import Tables, room_to_work, tables
from sib.sql.candidates import BY_CODE, CANDIDATES, DIFFERENT, EVERYBODY, FACTS, MORE_CANDIDATES, TWO_NUMBERS, WIDE

_FACTS = (
    "DROP TABLE IF EXISTS {facts}, {candidates}, {by_code}, {two_numbers}, {different}, {odd}, {moved}",
    "SET LOCAL default_statistics_target = 10",
    "ANALYZE {rows} (position, cco, cns, situacao)",
    FACTS,
    "ANALYZE {facts}",
)
_DIFFERENCES = (
    MORE_CANDIDATES,
    "ANALYZE {candidates}",
    BY_CODE,
    TWO_NUMBERS,
    "ANALYZE {by_code}, {two_numbers}",
    DIFFERENT,
    "DROP TABLE {candidates}, {by_code}, {two_numbers}",
    "ALTER TABLE {different} ADD PRIMARY KEY (position)",
    "ANALYZE {different}",
    f"CREATE UNLOGGED TABLE {{odd}} AS {WIDE} WHERE NOT d.is_plain",
    "ALTER TABLE {odd} ADD PRIMARY KEY (position)",
)


def find_facts(file: ConferenceFile) -> None:
    """Fill the table of what only the whole conference tells of its records."""
    _take(_FACTS, file)


def find_different(file: ConferenceFile) -> int:
    """Fill the tables of the records that are not simply equal; how many these are."""
    candidates = CANDIDATES if CnsNumber.objects.current().exists() else EVERYBODY
    _take((candidates, *_DIFFERENCES), file)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {tables(file.pk).different}")
        return int(cursor.fetchone()[0])


def _take(steps: Sequence[str], file: ConferenceFile) -> None:
    names = tables(file.pk)
    with room_to_work(), connection.cursor() as cursor:
        for step in steps:
            cursor.execute(_filled(step, names), _parameters(file))


def _filled(query: str, names: Tables) -> str:
    return query.format(**asdict(names))


def _parameters(file: ConferenceFile) -> dict[str, Any]:
    today = timezone.localdate()
    return {"operator": file.operator_id, "today": today, "of_age_since": years_before(today, ADULT_AGE_YEARS)}


def years_before(day: date, years: int) -> date:
    """Whoever was born on 29 February has a birthday on the 28th of other years."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)


def shapes(file: ConferenceFile) -> list[tuple[str, int, dict[str, Any]]]:
    """Each shape among the plain differences: how many records have it, and one of them in full."""
    names = tables(file.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT shape, count(*), min(position) FROM {names.different} WHERE is_plain GROUP BY shape ORDER BY shape"
        )
        found = cursor.fetchall()
        examples = f"{_filled(WIDE, names)} WHERE d.position = ANY (%(positions)s)"
        cursor.execute(examples, {**_parameters(file), "positions": [position for _, _, position in found]})
        by_position = {row["position"]: row for row in _rows(cursor)}
    return [(shape, count, by_position[position]) for shape, count, position in found]


def odd_rows(file: ConferenceFile, size: int) -> Iterator[Sequence[dict[str, Any]]]:
    """The records that must be looked at one by one, in lists of up to ``size``."""
    query = f"SELECT * FROM {tables(file.pk).odd} WHERE position > %s ORDER BY position LIMIT %s"
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
    parameters: dict[str, Any] = {"operator": file.operator_id, "file": file.pk, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(_COVERAGE, parameters)
        active, before, gained = cursor.fetchone()
    return {"active": active, "before": before, "after": before + gained}


_COVERAGE = """
    SELECT count(*), count(cns.id),
           (SELECT count(DISTINCT person_id) FROM sib_difference
             WHERE file_id = %(file)s AND outcome = 'CNS_NEW' AND deed = 'ATTACH')
      FROM beneficiaries_person person
      LEFT JOIN beneficiaries_cnsnumber cns ON cns.person_id = person.id AND cns.ended_at IS NULL
     WHERE person.operator_id = %(operator)s
       AND EXISTS (SELECT FROM beneficiaries_beneficiary link
                    WHERE link.person_id = person.id AND (link.cancelled_on IS NULL OR link.cancelled_on > %(today)s))
"""
