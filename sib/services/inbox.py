"""The inbox: one folder per operator, into which files are dropped while nobody looks.

A file is taken when it has rested: size and time of change the same as at the last look. It is claimed by a rename
into ``work/``, which only one of two workers can do, and ends in ``archive/`` or, with the sentence beside it, in
``failed/``.
"""

import time
from hashlib import sha256
from pathlib import Path

import structlog
from django.conf import settings
from django.core.cache import cache

from cnsportal.runs import Status
from operators.context import current_operator_id
from operators.models import Operator
from sib.models import ConferenceFile
from sib.services.processing import receive, retry

logger = structlog.get_logger(__name__)
SUFFIXES = {".cnx", ".xml"}
REMEMBERED = 3600  # seconds; how long a look at a resting file counts


def scan() -> int:
    """Take the files of the operator that have rested, and put away those that are over; how many were taken."""
    operator = Operator.objects.get(pk=current_operator_id())
    inbox: Path = settings.INBOX_DIR / operator.registration
    inbox.mkdir(parents=True, exist_ok=True)
    _put_away(inbox)
    taken = 0
    for path in sorted(inbox.iterdir()):
        if path.is_file() and path.suffix.lower() in SUFFIXES and _has_rested(path):
            taken += _take(operator, inbox, path)
    return taken


def _has_rested(path: Path) -> bool:
    """The same at this look as at the last one."""
    status = path.stat()
    seen, key = (status.st_size, status.st_mtime_ns), f"inbox:{sha256(bytes(path)).hexdigest()}"
    before = cache.get(key)
    cache.set(key, seen, REMEMBERED)
    return before is not None and tuple(before) == seen


def _take(operator: Operator, inbox: Path, path: Path) -> bool:
    """Claim by rename; row and message follow. What a crash leaves in ``work/`` is taken up by the next scan."""
    work = _free(inbox / "work", path.name)
    try:
        path.rename(work)
    except FileNotFoundError:
        return False
    _submit(operator, work)
    return True


def _submit(operator: Operator, work: Path) -> None:
    file, is_new = receive(work, name=work.name, wants_apply=operator.cnx_auto_apply)
    if not is_new and file.status == Status.FAILED:
        retry(file, work)
        is_new = True
    if is_new:
        file.enqueue()
        logger.info("conference_taken", file_id=file.pk)
    else:
        _move(work, inbox_folder(work) / "archive")
        logger.info("conference_known", file_id=file.pk)


def inbox_folder(work: Path) -> Path:
    return work.parent.parent


def _put_away(inbox: Path) -> None:
    """Files whose run is over go to their place; those without a row were left by a crash and are submitted."""
    work = inbox / "work"
    work.mkdir(exist_ok=True)
    known = {file.path: file for file in ConferenceFile.objects.filter(path__startswith=str(work.resolve()))}
    for path in sorted(work.iterdir()):
        file = known.get(str(path.resolve()))
        if file is None:
            _submit(Operator.objects.get(pk=current_operator_id()), path)
        elif file.status == Status.FAILED:
            _move(path, inbox / "failed", file.failure)
        elif file.status in {Status.DONE, Status.CANCELLED}:
            _archive(path, inbox, file)


def _archive(path: Path, inbox: Path, file: ConferenceFile) -> None:
    file.path = str(_move(path, inbox / "archive").resolve())
    file.save(update_fields=["path"])


def _move(path: Path, folder: Path, sentence: str = "") -> Path:
    target = _free(folder, path.name)
    path.rename(target)
    if sentence:
        target.with_name(f"{target.name}.txt").write_text(f"{sentence}\n", encoding="utf-8")
    return target


def _free(folder: Path, name: str) -> Path:
    """A name in the folder that nothing has; the time is added where the name is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    return path if not path.exists() else folder / f"{path.stem}-{time.time_ns()}{path.suffix}"
