"""Receives a conference: one row for one content, however it is packed, and a place for the uploaded file."""

import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.formats.file_names import truncate_name
from operators.models import Operator, User
from sib.formats.archives import members, packed_files, packed_size
from sib.formats.errors import InvalidSibFile
from sib.models import CnxStep, ConferenceFile
from sib.services.conferences.pipeline import apply_conference

SENT = "sent"  # folder of the operator's inbox for what comes by browser and API
MAX_DIGESTED_BYTES = (
    4 << 30
)  # bytes, unpacked: some seconds, which somebody waits for; three and a half million records
_CHUNK_BYTES = 1 << 20
_LANES = 2
_hash = partial(blake2b, digest_size=32)


def receive_file(
    path: Path, *, name: str, wants_apply: bool, scope: Collection[str] = (), actor: User | None = None
) -> tuple[ConferenceFile, bool]:
    """The row of this content, and whether it is new; the same content again, packed or not, is the same row.

    ``scope`` names the outcomes that are applied, where ``wants_apply``; all of them where it names none.
    """
    digest = content_digest(path)
    try:
        with transaction.atomic():
            file = ConferenceFile.objects.create(
                operator_id=current_operator_id(),
                name=name[:200],
                path=str(path.resolve()),
                digest=digest,
                size=packed_size(path),
                received_by=actor,
                wants_apply=wants_apply,
                apply_scope=_scope(scope),
            )
            data = {"bytes": file.size}
            record([Event(EventKind.CNX_RECEIVED, "conferencefile", file.pk, actor=actor, data=data)])
    except IntegrityError:
        return ConferenceFile.objects.get(digest=digest), False
    return file, True


def submit_file(
    path: Path, *, name: str, wants_apply: bool, scope: Collection[str] = (), actor: User | None = None
) -> tuple[ConferenceFile, bool]:
    """Received and sent to a worker; whether it works on what lies here.

    A content that was refused or failed before is tried again from where it lies now. One that waits, rehearsed, is
    applied where that is wanted; its row keeps the file that came first.
    """
    file, is_new = receive_file(path, name=name, wants_apply=wants_apply, scope=scope, actor=actor)
    if is_new:
        file.enqueue()
        return file, True
    has_failed = file.status in {Status.FAILED, Status.CANCELLED}
    if has_failed:
        retry_conference(file, path, wants_apply=wants_apply, scope=scope)
        file.enqueue()
    elif wants_apply:
        apply_conference(file, actor=actor, outcomes=scope or None)
    file.refresh_from_db()
    return file, has_failed


def receive_upload(
    sent: "Sequence[UploadedFile[Any]]", *, wants_apply: bool, actor: User
) -> tuple[ConferenceFile, bool]:
    """What came by browser or API kept and submitted; files of one sending are one conference."""
    path = store_upload(sent)
    file, is_new = submit_file(path, name=path.name, wants_apply=wants_apply, actor=actor)
    if not is_new:
        shutil.rmtree(path.parent)
    return file, is_new


def store_upload(sent: "Sequence[UploadedFile[Any]]") -> Path:
    """The files moved into a folder of their own; the only one of them, or a folder of all."""
    operator = Operator.objects.get(pk=current_operator_id())
    folder = settings.INBOX_DIR / operator.registration / SENT / secrets.token_hex(8)
    folder.mkdir(parents=True)
    if len(sent) == 1:
        return _moved(sent[0], folder / _plain_name(sent[0]))
    whole: Path = folder / safe_filename([_plain_name(file) for file in sent])
    whole.mkdir()
    for number, file in enumerate(sent, 1):
        _moved(file, whole / f"{number:03d}-{_plain_name(file)}")
    return whole


def safe_filename(names: Sequence[str]) -> str:
    """What a conference of these files is called."""
    return names[0] if len(names) == 1 else f"{Path(names[0]).stem} e mais {len(names) - 1}"


def _plain_name(file: "UploadedFile[Any]") -> str:
    """The last part of the path alone: no path traversal."""
    return truncate_name(Path(file.name or "").name) or "conferencia.cnx"


def _moved(file: "UploadedFile[Any]", target: Path) -> Path:
    """Without a copy where the upload lies on the same disk (FILE_UPLOAD_TEMP_DIR)."""
    if hasattr(file, "temporary_file_path"):
        shutil.move(file.temporary_file_path(), target)
        target.chmod(0o600)
    else:
        with target.open("xb") as stream:
            shutil.copyfileobj(file, stream)
    return target


def _scope(outcomes: Collection[str]) -> dict[str, list[str]]:
    return {"outcomes": sorted(outcomes)} if outcomes else {}


def retry_conference(
    file: ConferenceFile, path: Path, *, wants_apply: bool = False, scope: Collection[str] = ()
) -> None:
    """Take a file that was refused, failed or cancelled up again, from where it lies now.

    One that was rehearsed goes on there: what was applied of it, even by a worker that still does not know that it was
    given up, keeps the way back. So does one that was being undone.
    """
    again = ConferenceFile.objects.filter(pk=file.pk, status__in=[Status.FAILED, Status.CANCELLED])
    asked: dict[str, Any] = {"queued_at": timezone.now()}
    if wants_apply and not file.wants_apply and file.step != CnxStep.REVERTING:
        asked |= {"wants_apply": True, "apply_scope": _scope(scope)}
    step = file.step if file.step in {CnxStep.REHEARSED, CnxStep.REVERTING} else CnxStep.RECEIVED
    again.update(status=Status.QUEUED, step=step, path=str(path.resolve()), failure="", failure_id="", **asked)


def delete_refused(file: ConferenceFile) -> None:
    """Drop the row of a refused file, of which nothing is staged; the trail keeps that it was received."""
    ConferenceFile.objects.filter(pk=file.pk, step=CnxStep.REFUSED).delete()


def content_digest(path: Path) -> str:
    """Of the contents; of the packed bytes where these cannot be unpacked (reported when they are read), or are so many
    that nobody can wait for it.

    BLAKE2b over that of each piece: so two cores share the work, and on 64 bits it takes half of SHA-256's time.
    """
    packed = packed_size(path)
    with suppress(InvalidSibFile, _TooMuch):
        if packed <= MAX_DIGESTED_BYTES:
            return _digest((member.open() for member in members(path)), MAX_DIGESTED_BYTES)
    return _digest((each.open("rb") for each in packed_files(path)), packed)


class _TooMuch(Exception):
    """To be read while somebody waits."""


def _digest(streams: Iterable[BinaryIO], most: int) -> str:
    whole, pieces = _hash(), _pieces(streams, most)
    with ThreadPoolExecutor(_LANES) as pool:
        while few := list(islice(pieces, _LANES)):
            for digest in pool.map(_hashed, few):
                whole.update(digest)
    return whole.hexdigest()


def _pieces(streams: Iterable[BinaryIO], most: int) -> Iterator[bytes]:
    for stream in streams:
        with stream:
            while piece := stream.read(_CHUNK_BYTES):
                most -= len(piece)
                if most < 0:
                    raise _TooMuch
                yield piece


def _hashed(piece: bytes) -> bytes:
    return _hash(piece).digest()
