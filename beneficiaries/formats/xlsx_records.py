"""A workbook as records of cells, the same as from a CSV file.

What Excel keeps of a cell is not what it shows: a number has lost its leading zeros, and beyond 15 digits its last
ones. Dates have no such trouble.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import dropwhile
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from beneficiaries.formats.csv_records import InvalidFile, Record

BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX; XLS, and what has a password
MAX_UNPACKED_BYTES = 1 << 30
MAX_EXACT_NUMBER = 10**15
_UNREADABLE = "A planilha não abre. Se ela tem senha, tire-a; ou salve-a de novo como XLSX ou CSV."
_FAR_CELL = re.compile(rb'r=["\'](?:[A-Z]{3}|[D-Z][A-Z])[0-9]')
"""Beyond column CZ: twice as many columns as there are names. All cells up to the farthest one take memory."""
_FAR = "A planilha tem células muito à direita da tabela. Apague essas colunas, ou salve-a como CSV."
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 16
_TOO_LARGE = "A planilha é grande demais para ser lida de uma vez. Salve-a como CSV."
_EMPTY = "A planilha está vazia. Confira se a exportação terminou."


def is_workbook(stream: BinaryIO) -> bool:
    stream.seek(0)
    return stream.read(4) in BEGINNINGS


def open_workbook(stream: BinaryIO) -> Callable[[], Iterator[Record]]:
    """The records of its first sheet that is seen and no blank one, from the header on, as often as they are asked
    for. Raises InvalidFile.
    """
    _refuse_bomb(stream)
    stream.seek(0)
    try:
        sheet = _first_sheet(CalamineWorkbook.from_filelike(stream))
    except CalamineError as error:
        raise InvalidFile(_UNREADABLE) from error
    if sheet is None:
        raise InvalidFile(_EMPTY)
    return lambda: dropwhile(_is_blank, _records(sheet))


def _refuse_bomb(stream: BinaryIO) -> None:
    if not zipfile.is_zipfile(stream):
        return
    try:
        with zipfile.ZipFile(stream) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise InvalidFile(_TOO_LARGE)
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            if any(_has_far_cells(archive, name) for name in sheets):
                raise InvalidFile(_FAR)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidFile(_UNREADABLE) from error


def _has_far_cells(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as sheet:
        rest = b""
        while chunk := sheet.read(_CHUNK_BYTES):
            if _FAR_CELL.search(rest + chunk):
                return True
            rest = chunk[-_OVERLAP_BYTES:]
    return False


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet | None:
    shown = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
    return next((sheet for sheet in map(workbook.get_sheet_by_name, shown) if sheet.height), None)


def _records(sheet: CalamineSheet) -> Iterator[Record]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        yield Record(line, [_text(cell) for cell in cells])


def _is_blank(record: Record) -> bool:
    return not any(record.cells)


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if isinstance(cell, bool):
        return "S" if cell else "N"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return _number(cell) if isinstance(cell, int | float) else str(cell)


def _number(value: float) -> str:
    """Beyond 15 digits in scientific notation, which the columns refuse: nobody knows the last ones."""
    if abs(value) >= MAX_EXACT_NUMBER:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)
