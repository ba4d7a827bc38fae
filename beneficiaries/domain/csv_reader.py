"""Reads the registry's CSV row by row, by the column names of the SIB; reports all problems of a row at once.

Any order of columns; ``csv_records`` and ``xlsx_records`` say how a file is written, ``columns`` what each column may
hold. The file is gone through twice: what it proves only as a whole counts for its first row as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from itertools import islice
from typing import BinaryIO

from beneficiaries.domain.csv_columns import BLANKS, CLEANERS, COLUMNS, DAYS, REQUIRED, Values, clean_cell
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.domain.row_rules import RowProblem, contradictions
from beneficiaries.formats.cell_text import day_order, probable_origin, symbols_of_no_name, unwrap
from beneficiaries.formats.csv_records import InvalidFile, Record, read_records
from beneficiaries.formats.xlsx_records import is_workbook, open_workbook

_NAMES = ("nome", "nomeSocial", "nomeMae")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: cleaned values by column (dates as date, blanks as "" or None), or what is wrong."""

    line: int
    original: dict[str, str]
    values: Values = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()

    def text(self, column: str) -> str:
        return str(self.values.get(column) or "")

    def day(self, column: str) -> date | None:
        value = self.values.get(column)
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class _Survey:
    """What the lines prove about each other."""

    origin: str = ""  # where those that are no UTF-8 come from, if not from Windows
    origin_line: int = 0


NO_COLUMNS: Mapping[str, str] = {}


def read(stream: BinaryIO, *, today: date, columns: Mapping[str, str] = NO_COLUMNS) -> Iterator[Row]:
    """The rows of the file, one at a time; the stream, which can be wound back, stays open. Raises InvalidFile,
    but never after the first row.

    ``columns`` says what headings of the file's own mean, "" for those that are not read.
    """
    records = open_records(stream)
    first = records()
    header = _header(next(first).cells, columns)
    survey = _surveyed(first, header)
    return _rows(islice(records(), 1, None), header, survey, today)


def read_headings(stream: BinaryIO) -> tuple[list[str], list[str]]:
    """The headings of the file as they stand there, and its first row. Raises InvalidFile."""
    records = open_records(stream)()
    headings = [cell.strip() for cell in next(records).cells]
    row = next((record for record in records if any(record.cells)), None)
    return headings, [cell.strip() for cell in row.cells] if row else []


def open_records(stream: BinaryIO) -> Callable[[], Iterator[Record]]:
    """Begins to read at each call, the headings first. Raises InvalidFile."""
    return open_workbook(stream) if is_workbook(stream) else partial(read_records, stream)


def _rows(records: Iterable[Record], header: list[str], survey: _Survey, today: date) -> Iterator[Row]:
    known = [column for column in COLUMNS if column in header]
    for record in records:
        if any(cell.strip() for cell in record.cells):
            yield _row(record, header, known, survey, today)


def _surveyed(records: Iterable[Record], header: list[str]) -> _Survey:
    """Raises InvalidFile where all dates have the month in front: those up to the twelfth would be misread."""
    days = [place for place, column in enumerate(header) if column in DAYS]
    names = [place for place, column in enumerate(header) if column in _NAMES]
    orders: dict[str, Record] = {}
    survey = _Survey()
    for record in records:
        for order in {day_order(cell.strip()) for cell in _cells_at(record.cells, days) if "/" in cell} - {""}:
            orders.setdefault(order, record)
        if record.is_guessed and not survey.origin:
            survey = _Survey(_foreign(_cells_at(record.cells, names)), record.line)
    if "month" in orders and "day" not in orders:
        raise InvalidFile(
            f"As datas estão com o mês na frente (linha {orders['month'].line}). "
            "Formate as colunas de datas como aaaa-mm-dd ou dd/mm/aaaa e exporte de novo."
        )
    return survey


def _cells_at(cells: list[str], places: list[int]) -> list[str]:
    return [cells[place] for place in places if place < len(cells)]


def _foreign(names: list[str]) -> str:
    return next((probable_origin(name) for name in names if symbols_of_no_name(name)), "")


def _header(cells: list[str], columns: Mapping[str, str]) -> list[str]:
    """The columns by what is told of them, or their known names, whatever their case; unknown ones are ignored."""
    known = {column.lower(): column for column in COLUMNS}
    headings = [cell.strip() for cell in cells]
    header = [columns.get(heading, known.get(heading.lower(), heading)) for heading in headings]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise InvalidFile(f"Falta a coluna {missing[0]} na primeira linha. Confira os nomes das colunas.")
    twice = [column for column in COLUMNS if header.count(column) > 1]
    if twice:
        raise InvalidFile(f"A coluna {twice[0]} aparece mais de uma vez na primeira linha. Deixe só uma.")
    return header


def _row(record: Record, header: list[str], known: list[str], survey: _Survey, today: date) -> Row:
    cells = [cell.strip() for cell in record.cells]
    original = dict(zip(header, [unwrap(cell) if cell[:1] in {"=", "'"} else cell for cell in cells], strict=False))
    if problem := _as_a_whole(record, cells, len(header), survey):
        return Row(record.line, original, problems=(RowProblem("linha", problem),))
    texts, values, problems = _cleaned({column: text for column in known if (text := original.get(column))})
    return Row(record.line, original, values, (*problems, *_missing(texts), *contradictions(values, today)))


def _as_a_whole(record: Record, cells: list[str], width: int, survey: _Survey) -> str:
    if record.problem:
        return record.problem
    if any(cells[width:]):
        return f"tem {len(cells)} campos, e o cabeçalho tem {width}."
    if record.is_guessed and survey.origin and record.line != survey.origin_line:
        return (
            f"pode ter letras trocadas: o arquivo tem linhas {survey.origin}, como a {survey.origin_line}. "
            "Exporte-o em UTF-8."
        )
    return ""


def _cleaned(cells: dict[str, str]) -> tuple[dict[str, str], Values, list[RowProblem]]:
    """What the cells tell, what it means, and what is wrong with it."""
    texts, values, problems = {}, BLANKS.copy(), []
    for column, cell in cells.items():
        try:
            texts[column], values[column] = _meant(column, cell)
        except InvalidValue as problem:
            problems.append(RowProblem(column, str(problem)))
            texts[column] = cell
            del values[column]
    return texts, values, problems


@lru_cache(maxsize=16_384)
def _meant(column: str, cell: str) -> tuple[str, str | date | None]:
    """The text of a cell, and its value. Cached, for most cells of a file say what others of it say."""
    text = clean_cell(column, cell)
    return text, CLEANERS[column](text) if text else BLANKS[column]


def _missing(texts: dict[str, str]) -> Iterator[RowProblem]:
    for column in REQUIRED:
        if not texts.get(column):
            yield RowProblem(column, "está em branco; preencha.")
    if not texts.get("numeroPlanoANS") and not texts.get("numeroPlanoOperadora"):
        yield RowProblem("numeroPlanoANS", "informe o plano (numeroPlanoANS ou numeroPlanoOperadora).")
