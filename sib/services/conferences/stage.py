"""Copies a conference into its staging table: read and copied in one pass, in constant memory."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction

from sib.formats.archives import ArchiveMember, members
from sib.formats.cnx.conference import HashState, Header, read
from sib.formats.cnx.copy_rows import COPY, Rows, as_rows
from sib.formats.errors import InvalidSibFile
from sib.models import CnxStep, ConferenceFile
from sib.queries import staging_tables
from sib.services.conferences.mirror import fill_mirror_ahead

CHUNK_SIZE = 50_000  # records in one COPY, after which the job shows that it lives


class OtherOperatorsFile(Exception):
    """The file is for another operator: one sentence."""


def stage_records(file: ConferenceFile, heartbeat: Callable[[int], bool]) -> bool:
    """Read the conference into staging, from the beginning; False when ``heartbeat`` says the job is no longer ours.

    Raises InvalidSibFile or OtherOperatorsFile, after which nothing of it is staged.
    """
    staging_tables.drop_left_over()
    staging_tables.create_rows(file.pk)
    try:
        with fill_mirror_ahead(file) as fill:
            if not _read(file, heartbeat, fill):
                return False
    except Exception:
        staging_tables.drop(file.pk)
        raise
    file.step = CnxStep.STAGED
    file.save(update_fields=["step", *_HEADER_FIELDS])
    return True


_HEADER_FIELDS = ["registration", "sequence", "generated_at", "hash_state", "parts", "records", "with_issues"]


def _read(file: ConferenceFile, heartbeat: Callable[[int], bool], fill: Callable[[int, int], None]) -> bool:
    file.records = file.with_issues = 0
    file.parts = []
    found = members(Path(file.path))
    for member in found:
        with _named(member, found), member.open() as stream:
            if not _read_part(file, member.name, stream, heartbeat, fill):
                return False
    file.hash_state = max((part["hash_state"] for part in file.parts), key=_WORST.index)
    return True


@contextmanager
def _named(member: ArchiveMember, members: Sequence[ArchiveMember]) -> Iterator[None]:
    """Of several files, the one that is refused is named."""
    try:
        yield
    except (InvalidSibFile, OtherOperatorsFile) as refusal:
        if len(members) == 1:
            raise
        raise type(refusal)(f"Arquivo {member.name}: {refusal}") from None


_WORST = [str(state) for state in (HashState.MATCHES, HashState.VARIANT, HashState.MISSING, HashState.DIFFERS)]


def _read_part(
    file: ConferenceFile,
    name: str,
    stream: BinaryIO,
    heartbeat: Callable[[int], bool],
    fill: Callable[[int, int], None],
) -> bool:
    before = file.records
    conference = read(stream)
    header = conference.header
    _introduce(file, header)
    rows = as_rows(conference.batches(), part=len(file.parts) + 1, first=file.records + 1)
    for first in _copies(file, rows):
        fill(first, file.records)
        if not heartbeat(file.records):
            return False
    hash_state = str(conference.hash_state)
    header_data = {"hash_state": hash_state, "generated_at": header.created_at[:40]}
    file.parts.append({"name": name, "records": file.records - before, **header_data})
    return True


def _introduce(file: ConferenceFile, header: Header) -> None:
    """Keep what the first part says of the conference. Raises OtherOperatorsFile."""
    if not header.registration:
        raise OtherOperatorsFile("O arquivo não diz de qual operadora é. Peça a conferência à ANS de novo.")
    if header.registration != file.operator.registration:
        raise OtherOperatorsFile(
            f"O arquivo é da operadora {header.registration}, e não da {file.operator.registration}. "
            "Confira se escolheu o arquivo certo."
        )
    if not file.parts:
        file.registration = header.registration
        file.sequence, file.generated_at = header.sequence[:20], header.created_at[:40]


def _copies(file: ConferenceFile, pieces: Iterator[Rows]) -> Iterator[int]:
    """One COPY after the other, until there is nothing more to read; the position that each begins with."""
    while piece := next(pieces, None):
        first = file.records + 1
        feed = _Feed(file, chain([piece], pieces))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.copy_expert(COPY.format(staging_tables.tables(file.pk).rows), feed, size=1 << 20)
        if feed.refusal:
            raise feed.refusal
        yield first


class _Feed(io.RawIOBase):
    """Rows as COPY reads them, one piece at each call, and the file's counts with them."""

    def __init__(self, file: ConferenceFile, pieces: Iterator[Rows]) -> None:
        self._file = file
        self._last = file.records + CHUNK_SIZE
        self._pieces = pieces
        self.refusal: InvalidSibFile | None = None  # COPY would turn it into an error of its own

    def read(self, _size: int = -1) -> bytes:
        if self._file.records >= self._last:
            return b""
        try:
            piece = next(self._pieces, None)
        except InvalidSibFile as refusal:
            self.refusal = refusal
            return b""
        if piece is None:
            return b""
        self._file.records += piece.records
        self._file.with_issues += piece.with_issues
        return piece.text
