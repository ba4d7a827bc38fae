"""The registry as a CSV file with the column names of the SIB: read row by row, all that is wrong with a row at once.

Any order of columns, comma or semicolon, UTF-8 or Latin-1; ``beneficiaries.columns`` says what each column may hold.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import BinaryIO

from beneficiaries.coherence import Problem, contradictions
from beneficiaries.columns import BLANKS, CLEANERS, COLUMNS, REQUIRED, NotThisValue, Values, told


class NotBeneficiaries(Exception):
    """The file as a whole cannot be taken; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: cleaned values by column (dates as date, blanks as "" or None), or what is wrong."""

    line: int
    original: dict[str, str]
    values: Values = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def text(self, column: str) -> str:
        return str(self.values.get(column) or "")

    def day(self, column: str) -> date | None:
        value = self.values.get(column)
        return value if isinstance(value, date) else None


def read(stream: BinaryIO, *, today: date) -> Iterator[Row]:
    """The rows of the file, one at a time; the stream, which can be wound back, stays open. Raises NotBeneficiaries."""
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), errors="replace", newline="")
    try:
        first = text.readline()
        lines = _records(csv.reader(chain([first], text), delimiter=_delimiter(first), strict=True))
        header = _header(next(lines))
    except NotBeneficiaries:
        text.detach()  # else it would close the stream with itself
        raise
    return _rows(text, lines, header, today)


def _records(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as error:
        raise NotBeneficiaries(f"O arquivo tem aspas que não se fecham ({error}). Exporte-o de novo.") from error


def _rows(text: io.TextIOWrapper, lines: Iterator[list[str]], header: list[str], today: date) -> Iterator[Row]:
    known = [column for column in COLUMNS if column in header]
    try:
        for number, cells in enumerate(lines, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(number, header, known, cells, today)
    finally:
        text.detach()


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 where the whole file is, else Latin-1 as Windows writes it, in which nearly every byte is a letter."""
    encoding = "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chain(_chunks(stream), [b""]):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        deque(_chunks(stream), maxlen=0)  # the rest is to be text, too
        encoding = "cp1252"
    stream.seek(0)
    return encoding


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(1 << 20):
        if b"\0" in chunk:
            raise NotBeneficiaries("O arquivo não é texto. Exporte-o como CSV e tente de novo.")
        yield chunk


def _delimiter(first: str) -> str:
    if not first.strip():
        raise NotBeneficiaries(
            "O arquivo está vazio ou começa com uma linha em branco. Confira se a exportação terminou."
        )
    if not {",", ";"} & set(first):
        raise NotBeneficiaries(
            "As colunas não estão separadas por vírgula nem por ponto e vírgula. Exporte o arquivo como CSV."
        )
    return ";" if first.count(";") >= first.count(",") else ","


def _header(cells: list[str]) -> list[str]:
    """The columns by their known names, whatever their case; unknown ones are kept and ignored."""
    known = {column.lower(): column for column in COLUMNS}
    header = [known.get(cell.strip().lower(), cell.strip()) for cell in cells]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise NotBeneficiaries(f"Falta a coluna {missing[0]} na primeira linha. Confira os nomes das colunas.")
    twice = [column for column in COLUMNS if header.count(column) > 1]
    if twice:
        raise NotBeneficiaries(f"A coluna {twice[0]} aparece mais de uma vez na primeira linha. Deixe só uma.")
    return header


def _row(number: int, header: list[str], known: list[str], cells: list[str], today: date) -> Row:
    stripped = [cell.strip() for cell in cells]
    original = dict(zip(header, stripped, strict=False))
    if any(stripped[len(header) :]):
        problem = Problem("linha", f"tem {len(cells)} campos, e o cabeçalho tem {len(header)}.")
        return Row(number, original, problems=(problem,))
    texts = {column: told(column, text) for column in known if (text := original.get(column))}
    values, problems = _cleaned(texts)
    return Row(number, original, values, (*problems, *_missing(texts), *contradictions(values, today)))


def _cleaned(texts: dict[str, str]) -> tuple[Values, list[Problem]]:
    values = BLANKS.copy()
    problems = []
    for column, text in texts.items():
        if text:
            try:
                values[column] = CLEANERS[column](text)
            except NotThisValue as problem:
                problems.append(Problem(column, str(problem)))
                del values[column]
    return values, problems


def _missing(texts: dict[str, str]) -> Iterator[Problem]:
    for column in REQUIRED:
        if not texts.get(column):
            yield Problem(column, "está em branco; preencha.")
    if not texts.get("numeroPlanoANS") and not texts.get("numeroPlanoOperadora"):
        yield Problem("numeroPlanoANS", "informe o plano (numeroPlanoANS ou numeroPlanoOperadora).")
