"""Exports the rejections of a result as a file, to correct them in another program; numbers masked as on the page."""

from collections.abc import Iterator

from operators.audit import Event, EventKind, record
from operators.context import operator_context
from operators.formats.csv_tables import csv_line
from operators.models import User
from sib.models import RpxFile
from sib.models.answers import RECORD_TYPES
from sib.queries.criticas import Explained, explained

CHUNK_SIZE = 5000
COLUMNS = (
    "Pessoa", "CCO", "Código do beneficiário", "Movimentação", "Campo", "Enviado", "Código do erro",
    "Mensagem da ANS", "O que fazer", "Situação",
)  # fmt: skip


def record_export(file: RpxFile, *, actor: User) -> None:
    """Put on record who takes the list away."""
    record([Event(EventKind.RPX_EXPORTED, "rpxfile", file.pk, actor=actor)])


def csv_lines(file: RpxFile) -> Iterator[str]:
    """As a spreadsheet reads it: UTF-8 with its mark, semicolons; each chunk is read in the operator's context."""
    yield "\ufeff" + csv_line(COLUMNS)
    last = 0
    while chunk := _chunk(file, last):
        for each in chunk:
            yield csv_line(_cells(each))
        last = chunk[-1].rejection.pk


def _chunk(file: RpxFile, last: int) -> list[Explained]:
    with operator_context(file.operator_id):
        rows = file.rejections.filter(pk__gt=last).select_related("person").order_by("pk")
        return explained(rows[:CHUNK_SIZE])


def _cells(each: Explained) -> tuple[str, ...]:
    rejection = each.rejection
    return (
        rejection.person.name if rejection.person else "",
        rejection.cco,
        rejection.code,
        RECORD_TYPES.get(rejection.type, ""),
        each.field,
        each.value,
        rejection.error_code,
        rejection.message,
        each.explanation.next_step,
        "resolvida" if rejection.resolved_at else "pendente",
    )
