"""Imports a file of beneficiaries (or rehearses it, a dry run): read whole, decided by sets, in one transaction.

So a file that is refused, an import that is cancelled and a worker that is killed leave nothing behind. A rehearsal is
the import itself, undone: what it tells is what will happen. What a row cannot say is one line of the receipt; good
rows are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.domain.csv_reader import NO_COLUMNS
from beneficiaries.models import LineResult
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.csv_import.ambiguous_rows import decide_ambiguous
from beneficiaries.services.csv_import.decide_rows import decide_rows, describe, large_joins
from beneficiaries.services.csv_import.receipt import ReceiptLine, read_leaving, read_receipt
from beneficiaries.services.csv_import.stage_rows import stage_rows
from beneficiaries.services.csv_import.write_rows import write_holders, write_numbers, write_plain
from beneficiaries.sql import import_decisions
from beneficiaries.sql import import_writes as sql
from operators.audit import Event, EventKind, record, record_set
from operators.context import current_operator_id
from operators.models import User
from operators.services.lock_operator import lock_operator

TOO_EARLY = "o vínculo começa depois da data do cancelamento."
NO_ROWS = "o arquivo não tem linhas."
UNREADABLE = "a linha {line} do arquivo não se lê, e pode ser deste vínculo."
FIGURES = (LineResult.CREATED, LineResult.UPDATED, LineResult.UNCHANGED, LineResult.REJECTED)


@dataclass(frozen=True, slots=True)
class FullRegistry:
    """The file holds all links in force: those that it lacks are leaving, and are cancelled where somebody says so."""

    cancelled_on: date | None = None
    reason: str = ""  # motivoCancelamento of the SIB

    @property
    def cancels(self) -> bool:
        return bool(self.cancelled_on and self.reason)


def import_file(
    stream: BinaryIO,
    *,
    actor: User | None = None,
    keep: Callable[[ReceiptLine], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
    rehearse: bool = False,
    everybody: FullRegistry | None = None,
    columns: Mapping[str, str] = NO_COLUMNS,
) -> dict[str, int]:
    """Take the file in; how many links were created, updated, unchanged, rejected. Raises InvalidFile.

    ``columns`` says what headings of the file's own mean (``csv_reader.read``).
    ``keep`` is given every line of the receipt in the order of the file, then the links that are leaving; ``progress``
    the rows read so far: what it raises ends the import, of which nothing is left.
    """
    with transaction.atomic():
        stage_rows(stream, progress=progress, columns=columns)
        _lock()
        _apply(actor)
        leaving = _leave(everybody, actor) if everybody else ()
        counts: Counter[LineResult] = Counter()
        for line in chain(read_receipt(), leaving):
            counts[line.result] += 1
            keep(line)
        counted = (*FIGURES, LineResult.LEAVING) if everybody else FIGURES
        figures = {str(result): counts[result] for result in counted}
        record([Event(EventKind.PEOPLE_IMPORTED, "operator", current_operator_id(), actor=actor, data=dict(figures))])
        if rehearse:
            transaction.set_rollback(True)
    return figures


def _lock() -> None:
    """One import of an operator at a time, and no form beside it."""
    lock_operator()
    lock_registry()


def _apply(actor: User | None) -> None:
    decide_rows()
    with large_joins(), connection.cursor() as cursor:
        cursor.execute(import_decisions.LOCK_PEOPLE, {"operator": current_operator_id()})
    decide_ambiguous(actor=actor)
    write_plain(actor=actor)
    write_holders(actor=actor)
    describe(actor=actor)
    write_numbers(actor=actor)


def _leave(everybody: FullRegistry, actor: User | None) -> Iterator[ReceiptLine]:
    day = everybody.cancelled_on if everybody.cancels else None
    about: dict[str, Any] = {"operator": current_operator_id(), "today": timezone.localdate(), "day": day}
    with connection.cursor() as cursor:
        cursor.execute(sql.LEAVING, {**about, "doubt": _doubt() if day else "", "too_early": TOO_EARLY})
        if day:
            cancelled: dict[str, Any] = {"day": day, "reason": everybody.reason}
            record_set(EventKind.LINK_CHANGED, "link", sql.CANCELLED_LINKS, cancelled, actor=actor, source="import")
            cursor.execute(sql.CANCEL, cancelled)
    return read_leaving()


def _doubt() -> str:
    """Why nobody may be cancelled: who cannot be read may be anybody, and a file without rows proves nothing."""
    with connection.cursor() as cursor:
        cursor.execute(sql.ROWS_OF_EVERYBODY)
        rows, unreadable = cursor.fetchone()
    if not rows:
        return NO_ROWS
    return UNREADABLE.format(line=unreadable) if unreadable else ""
