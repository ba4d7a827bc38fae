"""The staging tables of one conference: unlogged, dropped once it is rehearsed.

``rows`` holds the records as they came, ``different`` those that are not simply equal to the registry, narrow, and
``odd`` the few of these that must be looked at one by one, wide; ``facts``, ``candidates``, ``by_code`` and
``two_numbers`` lead there.

``moved`` are the records that ANS has not, or not so, at the last conference (sib.services.conferences.mirror).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass

from django.db import connection, transaction

from cnsportal.jobs import ACTIVE
from sib.models import ConferenceFile


@dataclass(frozen=True, slots=True)
class Tables:
    """Names fit to stand in SQL."""

    rows: str
    facts: str
    candidates: str
    by_code: str
    two_numbers: str
    different: str
    odd: str
    moved: str


_KINDS = ("staged", "facts", "candidates", "by_code", "two_numbers", "different", "odd", "moved")


def tables(pk: int) -> Tables:
    return Tables(*(f"sib_{kind}_{int(pk)}" for kind in _KINDS))


def with_tables(statement: str, pk: int, **texts: str) -> str:
    """The statement, with the names of this conference's tables, and other text that is ours, in its places."""
    return statement.format(**asdict(tables(pk)), **texts)


def create_rows(pk: int) -> None:
    drop(pk)
    with connection.cursor() as cursor:
        cursor.execute(with_tables("CREATE UNLOGGED TABLE {rows} (LIKE sib_cnxrow, PRIMARY KEY (position))", pk))


def are_whole(file: ConferenceFile) -> bool:
    """Whether all that was read is still there: a crash of the database empties unlogged tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [tables(file.pk).rows])
        if cursor.fetchone() != (True,):
            return False
        cursor.execute(with_tables("SELECT count(*) FROM {rows}", file.pk))
        return bool(cursor.fetchone() == (file.records,))


def drop(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(astuple(tables(pk)))}")


def drop_left_over() -> None:
    """What conferences of this operator left behind that ended before they were rehearsed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^sib_staged_[0-9]+$'")
        found = {int(re.sub(r"\D", "", name)) for (name,) in cursor.fetchall()}
    for file in ConferenceFile.objects.filter(pk__in=found).exclude(status__in=ACTIVE):
        drop(file.pk)


@contextmanager
def large_work_memory() -> Iterator[None]:
    """A transaction in which PostgreSQL may join and sort a whole conference in memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WORK_MEMORY)
        yield


# Sorting and joining in memory makes serial plans look cheap, though they leave the other cores idle; but a table that
# is read in a few milliseconds is not worth the start of other processes.
_WORK_MEMORY = """
    SET LOCAL work_mem = '256MB';
    SET LOCAL synchronous_commit = off;
    SET LOCAL jit = off;
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0.001;
    SET LOCAL min_parallel_table_scan_size = '256kB'
"""
