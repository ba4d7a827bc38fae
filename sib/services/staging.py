"""A conference brought into its staging table: read and copied at once, in constant memory."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction

from beneficiaries.names import fold
from sib import staged
from sib.cnx import Conference, HashState, Header, NotCnx, read
from sib.models import ConferenceFile, Step
from sib.packing import Member, members
from sib.records import CnxRecord
from sib.services.mirroring import filled_ahead

CHUNK = 50_000  # records in one COPY, after which the run shows that it lives
PIECE = 500  # records handed over at once, some 200 kB: PostgreSQL takes them in while the next ones are read
LONGEST_PIECE = 1 << 20  # letters, which fewer records make where each is full to the brim


class NotOurs(Exception):
    """The file is for another operator: one sentence."""


def stage(file: ConferenceFile, beat: Callable[[int], bool]) -> bool:
    """Read the conference into staging, from the beginning; False when ``beat`` says that the run is no longer ours.

    Raises sib.cnx.NotCnx or NotOurs, after which nothing of it is staged.
    """
    staged.drop_left_over()
    staged.create_rows(file.pk)
    try:
        with filled_ahead(file) as fill:
            if not _read(file, beat, fill):
                return False
    except Exception:
        staged.drop(file.pk)
        raise
    file.step = Step.STAGED
    file.save(update_fields=["step", *_TOLD])
    return True


_TOLD = ["registration", "sequence", "generated_at", "hash_state", "parts", "records", "with_issues"]


def _read(file: ConferenceFile, beat: Callable[[int], bool], fill: Callable[[int, int], None]) -> bool:
    file.records = file.with_issues = 0
    file.parts = []
    found = members(Path(file.path))
    for member in found:
        with _named(member, found), member.open() as stream:
            if not _read_part(file, member.name, stream, beat, fill):
                return False
    file.hash_state = max((part["hash_state"] for part in file.parts), key=_WORST.index)
    return True


@contextmanager
def _named(member: Member, members: Sequence[Member]) -> Iterator[None]:
    """Of several files, the one that is refused is named."""
    try:
        yield
    except (NotCnx, NotOurs) as refusal:
        if len(members) == 1:
            raise
        raise type(refusal)(f"Arquivo {member.name}: {refusal}") from None


_WORST = [str(state) for state in (HashState.MATCHES, HashState.VARIANT, HashState.MISSING, HashState.DIFFERS)]


def _read_part(
    file: ConferenceFile,
    name: str,
    stream: BinaryIO,
    beat: Callable[[int], bool],
    fill: Callable[[int, int], None],
) -> bool:
    before = file.records
    conference = read(stream)
    header = conference.header
    _introduce(file, header)
    for first in _copies(file, conference):
        fill(first, file.records)
        if not beat(file.records):
            return False
    hash_state = str(conference.hash_state)
    told = {"hash_state": hash_state, "generated_at": header.created_at[:40]}
    file.parts.append({"name": name, "records": file.records - before, **told})
    return True


def _introduce(file: ConferenceFile, header: Header) -> None:
    """Keep what the first part says of the conference. Raises NotOurs."""
    if not header.registration:
        raise NotOurs("O arquivo não diz de qual operadora é. Peça a conferência à ANS de novo.")
    if header.registration != file.operator.registration:
        raise NotOurs(
            f"O arquivo é da operadora {header.registration}, e não da {file.operator.registration}. "
            "Confira se escolheu o arquivo certo."
        )
    if not file.parts:
        file.registration = header.registration
        file.sequence, file.generated_at = header.sequence[:20], header.created_at[:40]


def _copies(file: ConferenceFile, conference: Conference) -> Iterator[int]:
    """One COPY after the other, until there is nothing more to read; the position that each begins with."""
    records = conference.records()
    while record := next(records, None):
        first = file.records + 1
        feed = _Feed(file, record, records)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.copy_expert(_COPY.format(staged.tables(file.pk).rows), feed, size=1 << 20)
        if feed.refusal:
            raise feed.refusal
        yield first


class _Feed(io.TextIOBase):
    """Records as COPY reads them, one piece at each call."""

    def __init__(self, file: ConferenceFile, first: CnxRecord, records: Iterator[CnxRecord]) -> None:
        self._lines = _lines(file, chain([first], islice(records, CHUNK - 1)))
        self.refusal: NotCnx | None = None  # COPY would turn it into an error of its own

    def read(self, _size: int | None = -1) -> str:
        piece, letters = [], 0
        try:
            for line in islice(self._lines, PIECE):
                piece.append(line)
                letters += len(line)
                if letters > LONGEST_PIECE:
                    break
        except NotCnx as refusal:
            self.refusal = refusal
            return ""
        return "".join(piece)


def _lines(file: ConferenceFile, records: Iterable[CnxRecord]) -> Iterator[str]:
    """Staging rows; an empty field is NULL to the columns of dates and JSON, "" to those of text."""
    part, position = len(file.parts) + 1, file.records
    for record in records:
        texts = "\t".join(record[1:-1])
        if texts.count("\t") != _SEPARATORS or _has_controls(texts):
            texts = "\t".join(text.translate(_BLANKED) for text in record[1:-1])
        digest = int.from_bytes(blake2b(texts.encode(), digest_size=8).digest(), signed=True)
        position += 1
        file.records = position
        if record[-1]:
            file.with_issues += 1
        yield f"{texts}\t{_issues(record)}\t{fold(record.nome)}\t{digest}\t{position}\t{part}\t{record[0]}\n"


def _issues(record: CnxRecord) -> str:
    if not record.issues:
        return ""
    return json.dumps(record.issues, ensure_ascii=False).translate(_BLANKED)


def _has_controls(text: str) -> bool:
    """What would end a row, or quote a field; spelt out, since every record is asked."""
    return "\n" in text or "\r" in text or "\x00" in text or "\x01" in text


_TEXTS = CnxRecord._fields[1:-1]
_SEPARATORS = len(_TEXTS) - 1
_BLANKED = str.maketrans(dict.fromkeys("\x00\x01\t\n\r", " "))
_NULLABLE = {name for name in _TEXTS if name.startswith("data_")} | {"outros"}
_COPY = (
    f"COPY {{}} ({', '.join(_TEXTS)}, issues, name_key, digest, position, part, line) FROM STDIN "
    f"WITH (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01', "
    f"FORCE_NOT_NULL ({', '.join(name for name in _TEXTS if name not in _NULLABLE)}, name_key))"
)
