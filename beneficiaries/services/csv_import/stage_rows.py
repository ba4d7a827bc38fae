"""Copies the rows of a file into a staging table, in constant memory, before anything is decided."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import BinaryIO

from django.db import connection
from django.utils import timezone

from beneficiaries.domain.csv_columns import COLUMNS, NULLABLE
from beneficiaries.domain.csv_reader import NO_COLUMNS, Row, read
from beneficiaries.domain.names import fold
from beneficiaries.sql import import_decisions

CHUNK_SIZE = 2_000  # rows in one COPY, after which the progress is reported
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_COPY = (
    "COPY intake (line, name_key, holder_code, anchor, problems, original, "
    + ", ".join(f'"{column}"' for column in COLUMNS)
    + ") FROM STDIN"
)
_UNREADABLE = "\t".join("\\N" if column in NULLABLE else "" for column in COLUMNS)


def stage_rows(stream: BinaryIO, *, progress: Callable[[int], None], columns: Mapping[str, str] = NO_COLUMNS) -> int:
    """How many rows there are. Raises InvalidFile, before anything is written."""
    rows = read(stream, today=timezone.localdate(), columns=columns)
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(import_decisions.CREATE)
        while chunk := "".join(map(_line, islice(rows, CHUNK_SIZE))):
            cursor.copy_expert(_COPY, io.StringIO(chunk))
            count += chunk.count("\n")
            progress(count)
        cursor.execute('ANALYZE intake (line, holder_code, cns, "codigoBeneficiario")')
    return count


def _line(row: Row) -> str:
    if row.problems:
        return _rejected(row)
    values = row.values
    texts = [_text(values[column]) for column in COLUMNS]
    code, holder = row.text("codigoBeneficiario"), row.text("codigoBeneficiarioTitular")
    anchor = _digest(*[values[column] for column in import_decisions.CONTRACT_COLUMNS])
    holder_code = "" if holder == code else _text(holder)
    return f"{row.line}\t{fold(row.text('nome'))}\t{holder_code}\t{anchor}\t\t\\N\t" + "\t".join(texts) + "\n"


def _rejected(row: Row) -> str:
    """With its code, which says that its link has not left; and as it came, for the receipt."""
    texts = _UNREADABLE.split("\t")
    code = row.text("codigoBeneficiario") or row.original.get("codigoBeneficiario", "")[:100]
    texts[COLUMNS.index("codigoBeneficiario")] = _text(code)
    problems = _text(" ".join(map(str, row.problems)))
    original = _text(json.dumps(row.original, ensure_ascii=False))
    return f"{row.line}\t\t\t\\N\t{problems}\t{original}\t" + "\t".join(texts) + "\n"


@lru_cache(maxsize=16_384)
def _text(value: str | date | None) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, date):
        return value.isoformat()
    return value.translate(_ESCAPES) if "\\" in value or not value.isprintable() else value


@lru_cache(maxsize=1024)
def _digest(*values: str | date | None) -> int:
    """A number for what a row says of plan and contract, which others may say as well."""
    return int.from_bytes(blake2b("\x1f".join(map(str, values)).encode(), digest_size=8).digest(), signed=True)


def staged_rows(lines: Iterable[int]) -> Iterator[Row]:
    """The rows of these lines, as they were read."""
    with connection.cursor() as cursor:
        cursor.execute(import_decisions.ROWS, {"lines": list(lines)})
        for line, *values in cursor.fetchall():
            yield Row(line, {}, dict(zip(COLUMNS, values, strict=True)))
