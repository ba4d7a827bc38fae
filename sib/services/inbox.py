"""The inbox: one folder for each operator, into which conferences and results are dropped.

A file is taken when it has rested: size and time of change the same as at the last look. So is a folder, whose files
are one conference. It is claimed by a rename into ``work/``, which only one of two workers can do, and ends in
``archive/`` or, with the sentence beside it, in ``failed/``. So does what people and systems send (receiving.SENT).
"""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import structlog
from django.conf import settings

from beneficiaries.services.csv_import.drop_folder import FOLDER as SPREADSHEETS
from cnsportal.db.locks import AdvisoryLock, try_session_lock
from cnsportal.jobs import Status
from operators.context import current_operator_id
from operators.formats.atomic_files import make_private
from operators.models import Operator
from operators.services.drop_folder import free_path, has_rested, move_file
from sib.models import ConferenceFile, RpxFile
from sib.services.conferences.receive import SENT, submit_file
from sib.services.results.receive import submit_rpx

logger = structlog.get_logger(__name__)
RESULT = ".rpx"
SUFFIXES = {".cnx", ".xml", ".zip", ".gz", RESULT}
OWN_FOLDERS = {"work", "archive", "failed", SENT, SPREADSHEETS}
ABANDONED_SECONDS = 24 * 3600
UNREADABLE = "O portal não conseguiu ler o arquivo. Confira a permissão de leitura e copie-o para a pasta de novo."


def scan_inbox() -> int:
    """Take the files of the operator that have rested, and put away those that are over; how many were taken.

    None while another worker looks: of two, one would take what the other has claimed, and has no row for yet, for
    something that a crash left there.
    """
    with try_session_lock(AdvisoryLock.INBOX, current_operator_id()) as is_alone:
        return _scan() if is_alone else 0


def _scan() -> int:
    operator = Operator.objects.get(pk=current_operator_id())
    inbox: Path = settings.INBOX_DIR / operator.registration
    inbox.mkdir(parents=True, exist_ok=True)
    _put_away(inbox)
    taken = 0
    for path in sorted(inbox.iterdir()):
        if _is_for_us(path) and has_rested(path):
            taken += _claim(operator, inbox, path)
    return taken


def _is_for_us(path: Path) -> bool:
    if path.is_dir():
        return path.name not in OWN_FOLDERS and not path.name.startswith(".") and not path.is_symlink()
    return path.is_file() and path.suffix.lower() in SUFFIXES


def _claim(operator: Operator, inbox: Path, path: Path) -> bool:
    """Claim by rename; row and message follow. What a crash leaves in ``work/`` is taken up by the next scan."""
    work = free_path(inbox / "work", path.name)
    try:
        path.rename(work)
    except FileNotFoundError:
        return False
    make_private(work)
    _submit(operator, work)
    return True


def _submit(operator: Operator, work: Path) -> None:
    """What cannot even be read keeps nothing else waiting."""
    try:
        _send(operator, work)
    except OSError as error:
        move_file(work, inbox_folder(work) / "failed", UNREADABLE)
        logger.warning("file_unreadable", error=type(error).__name__)


def _send(operator: Operator, work: Path) -> None:
    file: ConferenceFile | RpxFile
    if work.suffix.lower() == RESULT:
        file, is_new = submit_rpx(work, name=work.name)
    else:
        policy = {"wants_apply": operator.cnx_auto_apply, "scope": operator.cnx_auto_outcomes}
        file, is_new = submit_file(work, name=work.name, **policy)
    if not is_new:
        move_file(work, inbox_folder(work) / "archive")
    logger.info("file_taken" if is_new else "file_known", file=file.origin)


def inbox_folder(work: Path) -> Path:
    return work.parent.parent


def _put_away(inbox: Path) -> None:
    """What is over goes to its place; in ``work/``, what has no row was left by a crash and is submitted."""
    work = inbox / "work"
    work.mkdir(exist_ok=True)
    known = _known(inbox)
    for path in sorted(work.iterdir()):
        if not _put(path, inbox, known):
            _submit(Operator.objects.get(pk=current_operator_id()), path)
    for folder in sorted((inbox / SENT).glob("*")):
        if not all(_put(path, inbox, known) for path in sorted(folder.iterdir())) and _is_abandoned(folder):
            shutil.rmtree(folder)
        elif not any(folder.iterdir()):
            folder.rmdir()


def _known(inbox: Path) -> dict[str, ConferenceFile | RpxFile]:
    """What has a row, by where it lies."""
    here = {"path__startswith": str(inbox.resolve())}
    files: list[ConferenceFile | RpxFile] = [*ConferenceFile.objects.filter(**here), *RpxFile.objects.filter(**here)]
    return {file.path: file for file in files}


def _put(path: Path, inbox: Path, known: Mapping[str, ConferenceFile | RpxFile]) -> bool:
    """False where nobody knows what it is."""
    file = known.get(str(path.resolve()))
    if file is None:
        return False
    if file.status == Status.FAILED:
        move_file(path, inbox / "failed", file.failure)
    elif file.status in {Status.DONE, Status.CANCELLED}:
        _archive(path, inbox, file)
    return True


def _is_abandoned(folder: Path) -> bool:
    """The sending was cut off before there was a row for it, long ago."""
    return time.time() - folder.stat().st_mtime > ABANDONED_SECONDS


def _archive(path: Path, inbox: Path, file: ConferenceFile | RpxFile) -> None:
    file.path = str(move_file(path, inbox / "archive").resolve())
    file.save(update_fields=["path"])
