"""A CSV file as records of cells: each physical line is decoded by itself; bad quotes in one spoil no other."""

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

MAX_LINE_CHARACTERS = 1_000_000
MAX_RECORD_LINES = 50  # addresses have line breaks, but not many
DELIMITERS = ";,\t"
NOT_TEXT = "O arquivo não é texto. Exporte-o como CSV ou XLSX e tente de novo."
EMPTY = "O arquivo está vazio ou começa com uma linha em branco. Confira se a exportação terminou."
QUOTES = "as aspas não se fecham ou têm texto depois delas; tire as aspas, ou escreva cada uma duas vezes."
NUL = "tem um caractere nulo; exporte o arquivo de novo."
_OPEN = "unexpected end of data"  # what the csv module says of quotes that the text leaves open
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class InvalidFile(Exception):
    """The file as a whole cannot be taken; the sentence says why and what to do."""


class Record(NamedTuple):
    line: int  # of the file, of which a record may have several
    cells: list[str]
    problem: str = ""
    is_guessed: bool = False  # it is no UTF-8, so Windows-1252 was taken for granted


class _Line(NamedTuple):
    number: int
    text: str
    is_guessed: bool


def read_records(stream: BinaryIO) -> Iterator[Record]:
    """From the beginning of the stream, which stays open; the header is the first. Raises InvalidFile."""
    stream.seek(0)
    lines = _lines(stream)
    first = next(lines, None)
    if first is not None and first.text.lower().startswith("sep="):
        delimiter = first.text[4:5]
        first = next(lines, None)
    elif first is not None and first.text.strip():
        delimiter = _delimiter(first.text)
    if first is None or not first.text.strip():
        raise InvalidFile(EMPTY)
    if "\0" in first.text:
        raise InvalidFile(NOT_TEXT)
    return _records(lines, first, delimiter)


def _delimiter(first: str) -> str:
    found = max(DELIMITERS, key=first.count)
    if found not in first and "\0" not in first:
        raise InvalidFile(
            "As colunas não estão separadas por ponto e vírgula, vírgula ou tabulação. Exporte o arquivo como CSV."
        )
    return found


def _lines(stream: BinaryIO) -> Iterator[_Line]:
    utf_16 = _utf_16(stream)
    text = io.TextIOWrapper(stream, utf_16 or "iso-8859-1", errors="replace", newline="")
    try:
        for number, line in enumerate(iter(partial(text.readline, MAX_LINE_CHARACTERS), ""), start=1):
            if len(line) == MAX_LINE_CHARACTERS:
                raise InvalidFile(NOT_TEXT)
            yield _Line(number, *(_decoded(line) if not utf_16 else (line.replace(_BOM, ""), False)))
    finally:
        if not stream.closed:
            text.detach()  # else it would close the stream with itself


def _utf_16(stream: BinaryIO) -> str:
    """Its name, where a byte order mark or the zeros of the beginning say so; else blank."""
    beginning = stream.read(64)
    stream.seek(0)
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for zeros, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(beginning) > 3 and not any(beginning[zeros::2]) and all(beginning[1 - zeros :: 2]):
            return name
    return ""


def _decoded(line: str) -> tuple[str, bool]:
    """Of a line read as bytes: UTF-8, or else Windows-1252, in which nearly every byte is a letter."""
    if line.isascii():
        return line, False
    raw = line.encode("iso-8859-1").replace(b"\xef\xbb\xbf", b"")
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), True


def _records(lines: Iterable[_Line], first: _Line, delimiter: str) -> Iterator[Record]:
    header = _header(first.text, delimiter)
    yield Record(first.number, header)
    rest = _Rest(lines)
    for line in rest:
        if '"' in line.text:
            yield _quoted(line, rest, delimiter, len(header))
        else:
            yield _record(line, line.text.rstrip("\r\n").split(delimiter))


def _header(text: str, delimiter: str) -> list[str]:
    try:
        cells = _parsed(text, delimiter)
    except csv.Error:
        cells = None
    if cells is None:
        raise InvalidFile("As aspas da primeira linha não se fecham. Exporte o arquivo de novo.")
    return cells


class _Rest:
    """The lines to come, of which some may be given back."""

    def __init__(self, lines: Iterable[_Line]) -> None:
        self._lines = iter(lines)
        self._returned: deque[_Line] = deque()

    def __iter__(self) -> Iterator[_Line]:
        while line := self.take():
            yield line

    def take(self) -> _Line | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def give_back(self, lines: Iterable[_Line]) -> None:
        self._returned.extendleft(reversed(list(lines)))


def _quoted(line: _Line, rest: _Rest, delimiter: str, width: int) -> Record:
    """A record with quotes, over as many lines as they span; where they make no sense, this line alone is to blame."""
    lines = [line]
    try:
        while (cells := _parsed("".join(one.text for one in lines), delimiter)) is None:
            lines += _up_to_a_quote(rest, delimiter, width)
            if '"' not in lines[-1].text or len(lines) > MAX_RECORD_LINES:
                return _broken(lines, rest, delimiter)
    except csv.Error:
        return _broken(lines, rest, delimiter)
    if len(lines) > 1 and any(cells[width:]):
        return _broken(lines, rest, delimiter)
    return _record(lines[0]._replace(is_guessed=any(one.is_guessed for one in lines)), cells)


def _up_to_a_quote(rest: _Rest, delimiter: str, width: int) -> Iterator[_Line]:
    """The lines to come as far as one with a quote; or less, where one is a whole record by itself."""
    for line, _ in zip(rest, range(MAX_RECORD_LINES), strict=False):
        yield line
        if '"' in line.text or line.text.count(delimiter) >= width - 1:
            return


def _parsed(text: str, delimiter: str) -> list[str] | None:
    """The cells; None where a quote is still open at the end. Raises csv.Error where quotes are out of place."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if str(error) == _OPEN:
            return None
        raise


def _broken(lines: list[_Line], rest: _Rest, delimiter: str) -> Record:
    rest.give_back(lines[1:])
    cells = lines[0].text.rstrip("\r\n").split(delimiter)
    return _record(lines[0], [cell.strip().strip('"') for cell in cells], QUOTES)


def _record(line: _Line, cells: list[str], problem: str = "") -> Record:
    if "\0" in line.text:
        cells, problem = [cell.replace("\0", "") for cell in cells], NUL
    return Record(line.number, cells, problem, line.is_guessed)
