"""The receipt of a conference: the result of each record that was not equal, for the operator and auditors."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from beneficiaries.domain.identifiers import told_cns, told_cpf
from beneficiaries.domain.identity_policy import VerdictReason
from cnsportal.formats.br import format_datetime
from operators.audit import Event, EventKind, record
from operators.context import operator_context
from operators.formats.csv_tables import csv_line, neutral
from operators.formats.xlsx_tables import SHEET_ROWS, Sheets, workbook
from operators.models import User
from sib.domain.field_differences import DifferenceKind
from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile, Difference, MirrorRecord
from sib.queries.apply_summary import summarise
from sib.queries.differences import outcomes_of
from sib.queries.labels import applied_words, field_label, readable

COLUMNS = (
    "Arquivo", "Linha", "CCO", "Pessoa", "CPF", "Resultado", "CNS na ANS", "Nível", "Motivo", "Diferenças",
    "O que foi feito", "Quando",
)  # fmt: skip
WIDTHS = (8, 9, 14, 34, 16, 26, 20, 7, 44, 60, 30, 17)
CHUNK_SIZE = 5000


def record_export(
    file: ConferenceFile, *, kind: str, in_full: bool, reason: str = "", actor: User | None = None
) -> None:
    """Put on record who takes the receipt away, and whether with numbers in full."""
    data = {"format": kind, "in_full": in_full, "reason": reason}
    record([Event(EventKind.CNX_EXPORTED, "conferencefile", file.pk, actor=actor, data=data)])


def csv_lines(file: ConferenceFile, *, in_full: bool = False) -> Iterator[str]:
    """The receipt as a spreadsheet reads it: UTF-8 with its mark, semicolons; the equal ones as one line at the end."""
    yield "\ufeff" + csv_line(COLUMNS)
    for row in rows(file, in_full=in_full):
        yield csv_line(row)
    yield csv_line(["", "", "", "", "", "igual", "", "", _equal(file), "", "", ""])


def write_xlsx(file: ConferenceFile, path: Path, *, in_full: bool = False, sheet_rows: int = SHEET_ROWS) -> None:
    """The receipt as a workbook, written row by row: a summary, and as many sheets as the records need."""
    with workbook(path) as book:
        _write_summary(book.add_worksheet("Resumo"), file, book.add_format({"bold": True}))
        sheets = Sheets(book, "Diferenças", COLUMNS, widths=WIDTHS, sheet_rows=sheet_rows)
        for row in rows(file, in_full=in_full):
            sheets.add(row)


def rows(file: ConferenceFile, *, in_full: bool = False) -> Iterator[tuple[str, ...]]:
    """One a record, by outcome; each chunk is read in the operator's context, wherever the reader is by then."""
    for outcome in outcomes_of(file):
        last = 0
        while chunk := _chunk(file, outcome, last):
            names = named_at_ans(file, chunk)
            for difference in chunk:
                yield receipt_row(difference, names, in_full=in_full)
            last = chunk[-1].pk


def _chunk(file: ConferenceFile, outcome: str, last: int) -> list[Difference]:
    with operator_context(file.operator_id):
        found: QuerySet[Difference] = Difference.objects.filter(file=file.pk, outcome=outcome, pk__gt=last)
        return list(found.select_related("person").order_by("pk")[:CHUNK_SIZE])


def named_at_ans(file: ConferenceFile, chunk: Sequence[Difference]) -> dict[str, tuple[str, str]]:
    """Name and CPF as ANS has them, of those whom the registry does not know."""
    ccos = [each.cco for each in chunk if each.person_id is None and each.cco]
    if not ccos:
        return {}
    with operator_context(file.operator_id):
        strangers = MirrorRecord.objects.filter(cco__in=ccos).values_list("cco", "nome", "cpf")
        return {cco: (name, cpf) for cco, name, cpf in strangers}


def receipt_row(difference: Difference, names: dict[str, tuple[str, str]], *, in_full: bool) -> tuple[str, ...]:
    person = difference.person
    name, cpf = (person.name, person.cpf or "") if person else names.get(difference.cco, ("", ""))
    applied_at = difference.applied_at
    return (
        str(difference.part) if difference.position else "",
        str(difference.line) if difference.position else "",
        difference.cco,
        name,
        told_cpf(cpf, in_full=in_full),
        Outcome[difference.outcome].value,
        told_cns(difference.number, in_full=in_full),
        difference.tier,
        _reason(difference.reason),
        _divergences(difference, in_full=in_full),
        applied_words(difference.answer or difference.deed) if applied_at else "",
        format_datetime(localtime(applied_at)) if applied_at else "",
    )


def _reason(reason: str) -> str:
    return str(VerdictReason[reason].value) if reason in VerdictReason.__members__ else reason


def _divergences(difference: Difference, *, in_full: bool) -> str:
    """``Nome: no cadastro «…», na ANS «…» (diferente)``, one after the other."""
    told = []
    for each in difference.divergences:
        ours, theirs = (readable(each["field"], each[side], in_full=in_full) for side in ("ours", "theirs"))
        kind = DifferenceKind(each["kind"]).label
        told.append(f"{field_label(each['field'])}: no cadastro «{ours}», na ANS «{theirs}» ({kind})")
    return "; ".join(told)


def _write_summary(sheet: Any, file: ConferenceFile, bold: Any) -> None:
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 30)
    for number, (label, value) in enumerate(_summary(file)):
        sheet.write_string(number, 0, neutral(label), None if value else bold)
        sheet.write_string(number, 1, neutral(value))


def _summary(file: ConferenceFile) -> Iterator[tuple[str, str]]:
    """Pairs; a heading has no value."""
    yield "Conferência da ANS", file.name
    yield "Recebida em", format_datetime(localtime(file.received_at))
    yield "Etapa", file.get_step_display()
    yield "Recibo feito em", format_datetime(localtime(timezone.now()))
    yield "Registros", str(file.records)
    yield "Resultado", ""
    yield from ((each.value, str(file.outcomes[each.name])) for each in Outcome if file.outcomes.get(each.name))
    yield "O que foi feito", ""
    yield from ((applied_words(name), str(count)) for name, count in summarise(file).results_by_count)


def _equal(file: ConferenceFile) -> str:
    count = int(file.outcomes.get(Outcome.EQUAL.name, 0))
    return "1 registro igual, não listado" if count == 1 else f"{count} registros iguais, não listados"
