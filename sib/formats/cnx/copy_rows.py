"""Records as rows of the staging table, in the text format of COPY."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from beneficiaries.domain.names import fold
from sib.formats.cnx.record import CnxRecord

_TEXTS = CnxRecord._fields[1:-1]
_NULLABLE = {name for name in _TEXTS if name.startswith("data_")} | {"outros"}
COPY = (
    f"COPY {{}} ({', '.join(_TEXTS)}, issues, name_key, digest, position, part, line) FROM STDIN "
    f"WITH (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01', "
    f"FORCE_NOT_NULL ({', '.join(name for name in _TEXTS if name not in _NULLABLE)}, name_key))"
)
"""An empty field is NULL to the columns of dates and JSON, "" to those of text."""


class Rows(NamedTuple):
    """Of records that follow one another."""

    text: bytes
    records: int
    with_issues: int


def as_rows(batches: Iterable[Sequence[CnxRecord]], *, part: int, first: int) -> Iterator[Rows]:
    """Of each batch; ``first`` is the position of its first record, from 1."""
    for records in batches:
        text = "".join(_row(record, position, part) for position, record in enumerate(records, first))
        yield Rows(text.encode(), len(records), sum(bool(record.issues) for record in records))
        first += len(records)


def _row(record: CnxRecord, position: int, part: int) -> str:
    texts = "\t".join(record[1:-1])
    digest = int.from_bytes(blake2b(texts.encode(), digest_size=8).digest(), signed=True)
    issues = json.dumps(record.issues, ensure_ascii=False) if record.issues else ""
    return f"{texts}\t{issues}\t{fold(record.nome)}\t{digest}\t{position}\t{part}\t{record.line}\n"
