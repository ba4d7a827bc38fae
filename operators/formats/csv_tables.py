"""Tables as CSV for Brazilian spreadsheets: semicolons, and a CSV injection guard (no cell is taken for a formula)."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: Any) -> str:
    """The cell as text: behind an apostrophe where a spreadsheet would work it out. The import takes it off again; so
    what begins with one gets another.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith((*FORMULAS, "'")) else text


def csv_line(cells: Iterable[Any]) -> str:
    text = StringIO()
    csv.writer(text, delimiter=";").writerow(map(neutral, cells))
    return text.getvalue()


class Table:
    """Rows under a heading, written as they come."""

    def __init__(self, output: TextIO, columns: Sequence[str]) -> None:
        self._writer, self._columns = csv.writer(output, delimiter=";"), columns
        self._writer.writerow(columns)

    def add(self, row: Mapping[str, Any]) -> None:
        """Its values by column; what it does not have is blank."""
        self._writer.writerow(neutral(row.get(column)) for column in self._columns)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """UTF-8 with its mark, as spreadsheets want it; each row is written as it comes."""
    with path.open("w", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output, delimiter=";")
        writer.writerow(columns)
        writer.writerows(map(neutral, row) for row in rows)
