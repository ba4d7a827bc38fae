"""Tables as XLSX workbooks: written row by row in constant memory, and no cell is a formula or an address."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter

from operators.formats.csv_tables import neutral

SHEET_ROWS = 1_048_575  # of a worksheet, below its heading
WIDTH = 22  # of a column, in characters


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """What it has not written yet lies beside the file, where nobody else reads."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        yield book


class Sheets:
    """Rows under a heading, on as many worksheets as they need."""

    def __init__(
        self,
        book: Any,
        title: str,
        columns: Sequence[str],
        *,
        widths: Sequence[int] = (),
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self._book, self._title, self._columns = book, title, columns
        self._widths = widths or (WIDTH,) * len(columns)
        self._bold = book.add_format({"bold": True})
        self._sheet_rows, self._count = sheet_rows, 0
        self._open()

    def add(self, row: Iterable[Any]) -> None:
        if self._used == self._sheet_rows:
            self._open()
        self._used += 1
        self._write(self._used, map(neutral, row))

    def _open(self) -> None:
        self._count, self._used = self._count + 1, 0
        self._sheet = self._book.add_worksheet(f"{self._title} {self._count}" if self._count > 1 else self._title)
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width)
        self._write(0, self._columns, self._bold)

    def _write(self, number: int, cells: Iterable[str], style: Any = None) -> None:
        for column, cell in enumerate(cells):
            if cell:
                self._sheet.write_string(number, column, cell, style)


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Iterable[Any]], title: str = "Lista") -> None:
    with workbook(path) as book:
        sheets = Sheets(book, title, columns)
        for row in rows:
            sheets.add(row)
