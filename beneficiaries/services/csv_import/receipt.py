"""The receipt of an import: the result of each row."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from beneficiaries.domain.csv_columns import COLUMNS, WAITING
from beneficiaries.domain.person_columns import LINK_COLUMNS, PERSON_COLUMNS
from beneficiaries.models import ImportRun, LineResult
from beneficiaries.sql import import_writes as sql
from operators.audit import Event, EventKind, record
from operators.models import User

_ORIGINAL = tuple(column for column in COLUMNS if column != "codigoBeneficiario")
RECEIPT = ("linha", "codigoBeneficiario", "resultado", "mensagem", "mudancas", *_ORIGINAL)
_CALLED = {
    **{name: column for column, name in (PERSON_COLUMNS | LINK_COLUMNS).items()},
    **{f"waiting_{group}": column for column, (group, _) in WAITING.items()},
}
"""Field → what the file calls it."""
_ANCHORS = {"plan_id": "plano", "contract_id": "contrato"}
_LEFT = "não está no arquivo, que é de todos"


_RESULTS = {"same": LineResult.UNCHANGED, "new": LineResult.CREATED, "mended": LineResult.UPDATED}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of the receipt."""

    line: int  # of the file; 0 for a link that it lacks
    code: str
    result: LineResult
    note: str = ""
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column → before, after
    original: Mapping[str, str] = field(default_factory=dict)  # of a row that was rejected


def read_receipt() -> Iterator[ReceiptLine]:
    """The lines of the file that is being taken in, in their order; then the links that have left."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.RECEIPT)
        yield from map(_line, cursor)


def read_leaving() -> Iterator[ReceiptLine]:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT code, kept FROM leaving ORDER BY code")
        for code, kept in cursor:
            yield ReceiptLine(0, code, LineResult.LEAVING, f"{_LEFT}; não foi cancelado: {kept}" if kept else _LEFT)


def _line(row: tuple[Any, ...]) -> ReceiptLine:
    line, code, fate, is_changed, notes, person_changes, link_changes, original = row
    result = _RESULTS.get(fate) or LineResult(fate)
    if result is LineResult.UNCHANGED and is_changed:
        result = LineResult.UPDATED
    cells = {name: str(value) for name, value in json.loads(original or "{}").items() if value is not None}
    return ReceiptLine(line, code, result, notes, _changes(person_changes) | _changes(link_changes), cells)


def _changes(changes: str | None) -> dict[str, tuple[str, str]]:
    data: dict[str, Any] = json.loads(changes) if changes else {}
    before, after = data.get("before", {}), data.get("after", {})
    return {_CALLED.get(name, name): (str(before[name] or ""), str(after[name] or "")) for name in after}


def _describe_change(column: str, before: str, after: str) -> str:
    return _ANCHORS.get(column) or f"{column}: {before or 'em branco'} → {after or 'em branco'}"


def record_receipt_download(run: ImportRun, actor: User) -> None:
    """Rejected rows stand in the receipt as they came, with their numbers in full."""
    data = {"rows": sum(run.figures.values())}
    record([Event(EventKind.IMPORT_RECEIPT_DOWNLOADED, "importrun", run.pk, actor=actor, data=data)])


def receipt_row(line: ReceiptLine) -> dict[str, str]:
    """A line of the receipt as it is written to CSV.

    A rejected row stands behind it as it came, so that its corrected copy can be imported.
    """
    return {
        "linha": str(line.line or ""),
        "codigoBeneficiario": line.code,
        "resultado": str(line.result),
        "mensagem": line.note,
        "mudancas": "; ".join(_describe_change(column, *change) for column, change in line.changes.items()),
        **{column: line.original.get(column, "") for column in _ORIGINAL},
    }
