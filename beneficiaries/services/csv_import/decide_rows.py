"""Decides what becomes of each row: SQL decides the plain ones by sets; the ambiguous few remain."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connection

from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.models import Beneficiary
from beneficiaries.services.csv_import.match_links import Anchor, Anchors, known_links
from beneficiaries.services.csv_import.plan_details import Descriptions, FirstLines
from beneficiaries.services.csv_import.stage_rows import staged_rows
from beneficiaries.services.plans import Numbered
from beneficiaries.sql import import_decisions
from cnsportal.db.copy import copy_rows
from operators.context import current_operator_id
from operators.models import User

BATCH_SIZE = 2000  # rows that Python looks at together


MIN_ROWS_FOR_HASH_JOINS = 2_000  # of which no plan should take one after the other


@contextmanager
def large_joins() -> Iterator[None]:
    """For statements over a whole file. PostgreSQL knows little of tables that have just been filled, and would look
    through all of one for each row of another; what it may do with a few rows it must not do with a million.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > %s FROM intake", [MIN_ROWS_FOR_HASH_JOINS])
        is_large = cursor.fetchone() == (True,)
        if is_large:
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        yield
        if is_large:
            cursor.execute("SET LOCAL enable_nestloop = on")


def decide_rows() -> None:
    """Fill ``decided``. Plans and contracts that the file names are there afterwards."""
    about = {"operator": current_operator_id(), "has_waiting": _has_waiting()}
    with large_joins():
        _run(
            (
                import_decisions.LOOKED,
                import_decisions.DECIDED,
                import_decisions.KEYED,
                import_decisions.REPEATED,
                import_decisions.OTHER_BIRTH,
            ),
            about,
        )
    _anchor()
    with large_joins():
        _run(
            (
                import_decisions.ANCHORED,
                import_decisions.GROUPED,
                import_decisions.SAME,
                import_decisions.NEW,
                import_decisions.MENDED,
                import_decisions.LOOK,
            ),
            about,
        )
        _look_together()
        _run(("ANALYZE decided",), about)


def _run(statements: Iterable[str], about: Mapping[str, int | bool]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, about)


def _has_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(import_decisions.HAS_WAITING)
        return bool(cursor.fetchone() == (True,))


def _look_together() -> None:
    with connection.cursor() as cursor:
        while True:
            moved = 0
            for same in import_decisions.ONE_GROUP:
                cursor.execute(import_decisions.LOOK_TOGETHER.format(same=same))
                moved += cursor.rowcount
            if not moved:
                return


def lines_of(select: str) -> Iterator[list[int]]:
    """The lines that a statement gives, in batches."""
    with connection.cursor() as cursor:
        cursor.execute(select)
        lines = [line for (line,) in cursor.fetchall()]
    for place in range(0, len(lines), BATCH_SIZE):
        yield lines[place : place + BATCH_SIZE]


def _anchor() -> None:
    """Find or make what links hang on, once for all rows that tell the same of it."""
    claimed: dict[str, Numbered] = {}
    for lines in lines_of(import_decisions.ANCHORS):
        rows = list(staged_rows(lines))
        anchors = Anchors.for_rows(rows, claimed)
        copy_rows("anchors", ("line", "plan_id", "contract_id", "problem"), [_anchored(row, anchors) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE decided")
        cursor.execute(import_decisions.ANCHOR_KEYS)
        cursor.execute("ANALYZE anchors")


def _anchored(row: Row, anchors: Anchors) -> tuple[object, ...]:
    try:
        return row.line, *anchors.of(row), ""
    except InvalidValue as problem:
        return row.line, None, None, f"{problem.column}: {problem}"


def anchors_of(lines: list[int]) -> dict[int, Anchor]:
    """Plan and contract of each of these lines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT line, plan_id, contract_id FROM decided WHERE line = ANY (%s)", [lines])
        return {line: (plan_id, contract_id) for line, plan_id, contract_id in cursor.fetchall()}


def describe(*, actor: User | None) -> None:
    """Write what the rows say of plans, contracts and companies, once for all that say the same; the links are there.

    Rejected rows are ignored.
    """
    said: FirstLines = {}
    with connection.cursor() as cursor:
        cursor.execute(import_decisions.DESCRIBED)
        for lines in lines_of(import_decisions.DESCRIPTIONS):
            rows = list(staged_rows(lines))
            links = known_links(rows)
            plans, contracts = {link.plan_id for link in links.values()}, _contracts(links.values())
            descriptions = Descriptions.of(rows, said, plans, contracts)
            told = [descriptions.take(row, links[row.text("codigoBeneficiario")]) for row in rows]
            descriptions.save(actor)
            notes = [(row.line, has_told, " ".join(notes)) for row, (has_told, notes) in zip(rows, told, strict=True)]
            copy_rows("described", ("line", "has_told", "notes"), notes)
        cursor.execute(import_decisions.NOTE_DESCRIBED)


def _contracts(links: Iterable[Beneficiary]) -> set[int]:
    return {link.contract_id for link in links if link.contract_id}
