"""Records as rows of the staging table: the text that COPY takes."""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from beneficiaries.names import fold
from sib.records import CnxRecord

_TEXTS = CnxRecord._fields[1:-1]
_NULLABLE = {name for name in _TEXTS if name.startswith("data_")} | {"outros"}
COPY = (
    f"COPY {{}} ({', '.join(_TEXTS)}, issues, name_key, digest, position, part, line) FROM STDIN "
    f"WITH (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01', "
    f"FORCE_NOT_NULL ({', '.join(name for name in _TEXTS if name not in _NULLABLE)}, name_key))"
)
"""An empty field is NULL to the columns of dates and JSON, "" to those of text."""

_SEPARATORS = len(_TEXTS) - 1
_BLANKED = str.maketrans(dict.fromkeys("\x00\x01\t\n\r", " "))


class Rows(NamedTuple):
    """Of records that follow one another."""

    text: str
    records: int
    with_issues: int


def as_rows(records: Iterable[CnxRecord], *, part: int, first: int, lines_before: int = 0) -> Rows:
    """``first`` is the position of the first of them, from 1; ``lines_before`` are those of the file that their own
    lines do not count.
    """
    lines, with_issues = [], 0
    for position, record in enumerate(records, first):
        texts = "\t".join(record[1:-1])
        if texts.count("\t") != _SEPARATORS or _has_controls(texts):
            texts = "\t".join(text.translate(_BLANKED) for text in record[1:-1])
        digest = int.from_bytes(blake2b(texts.encode(), digest_size=8).digest(), signed=True)
        with_issues += bool(record.issues)
        lines.append(
            f"{texts}\t{_issues(record, lines_before)}\t{fold(record.nome)}\t{digest}\t{position}\t{part}\t"
            f"{record.line + lines_before}\n"
        )
    return Rows("".join(lines), len(lines), with_issues)


def _issues(record: CnxRecord, lines_before: int) -> str:
    if not record.issues:
        return ""
    told = [issue._replace(line=issue.line + lines_before) for issue in record.issues]
    return json.dumps(told, ensure_ascii=False).translate(_BLANKED)


def _has_controls(text: str) -> bool:
    """What would end a row, or quote a field; spelt out, since every record is asked."""
    return "\n" in text or "\r" in text or "\x00" in text or "\x01" in text
