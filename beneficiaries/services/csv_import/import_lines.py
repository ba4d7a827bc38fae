"""What a page shows of an import: the rows that are not simply equal, up to a number of each kind."""

import json
from collections import Counter

from beneficiaries.models import ImportLine, ImportRun, LineResult
from beneficiaries.services.csv_import.receipt import ReceiptLine
from cnsportal.db.copy import copy_rows

MAX_LINES_SHOWN = 2_000  # of each result: whoever has more of them needs the receipt
_COLUMNS = ("operator_id", "run_id", "line", "code", "result", "note", "changes")


class LineKeeper:
    """Collects in constant memory while an import runs; written when it is through, as a rehearsal is rolled back."""

    def __init__(self) -> None:
        self._lines: list[ReceiptLine] = []
        self._counts: Counter[LineResult] = Counter()

    def add(self, line: ReceiptLine) -> None:
        self._counts[line.result] += 1
        if line.result is not LineResult.UNCHANGED and self._counts[line.result] <= MAX_LINES_SHOWN:
            self._lines.append(line)

    def replace_lines(self, run: ImportRun) -> None:
        ImportLine.objects.filter(run=run).delete()
        copy_rows(ImportLine._meta.db_table, _COLUMNS, [_row(run, line) for line in self._lines])


def _row(run: ImportRun, line: ReceiptLine) -> tuple[object, ...]:
    changes = json.dumps({column: list(values) for column, values in line.changes.items()}, ensure_ascii=False)
    return run.operator_id, run.pk, line.line, line.code, str(line.result), line.note, changes
