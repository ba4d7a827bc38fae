"""Spreadsheets that another system drops into the operator's folder: rehearsed, or imported at once.

``<inbox>/<registration>/beneficiarios/`` is rehearsed and waits for somebody; ``beneficiarios/importar/`` is imported,
unless its headings are unknown: then it waits as well. What is taken ends in ``archive/`` or, with the sentence beside
it, in ``failed/``; the receipts lie in ``recibos/``.
"""

from pathlib import Path

import structlog
from django.conf import settings

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import ImportRun
from beneficiaries.services.csv_import.import_jobs import copy_file
from beneficiaries.services.csv_import.upload import receive_file
from cnsportal.db.locks import AdvisoryLock, try_session_lock
from operators.context import current_operator_id
from operators.formats.atomic_files import make_private
from operators.models import Operator
from operators.services.drop_folder import free_path, has_rested, move_file

logger = structlog.get_logger(__name__)
FOLDER = "beneficiarios"
AT_ONCE = "importar"
SUFFIXES = {".csv", ".txt", ".xlsx", ".xls"}
UNREADABLE = "O portal não conseguiu ler o arquivo. Confira a permissão de leitura e copie-o para a pasta de novo."


def scan_drop_folder() -> int:
    """Take the operator's spreadsheets that have rested; how many. None while another worker looks."""
    with try_session_lock(AdvisoryLock.IMPORT_FOLDER, current_operator_id()) as is_alone:
        return _scan() if is_alone else 0


def _scan() -> int:
    operator = Operator.objects.get(pk=current_operator_id())
    base: Path = settings.INBOX_DIR / operator.registration / FOLDER
    taken = 0
    for folder in (base, base / AT_ONCE):
        folder.mkdir(parents=True, exist_ok=True)
        taken += sum(_take(folder, path) for path in sorted(folder.iterdir()) if _is_ready(path))
    return taken


def _is_ready(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES and has_rested(path)


def _take(folder: Path, path: Path) -> bool:
    """A copy of ours waits for the worker. A crash before the file is put away takes it once more, which harms nobody:
    rehearsals change nothing, and what is in already is unchanged.
    """
    try:
        run = _receive(folder, path)
    except FileNotFoundError:
        return False
    except InvalidFile as refusal:
        _put_away(path, folder / "failed", str(refusal))
    except OSError as error:
        _put_away(path, folder / "failed", UNREADABLE)
        logger.warning("spreadsheet_unreadable", error=type(error).__name__)
    else:
        _put_away(path, folder / "archive")
        logger.info("spreadsheet_taken", run=run.pk)
    return True


def _put_away(path: Path, folder: Path, sentence: str = "") -> None:
    make_private(move_file(path, folder, sentence))


def _receive(folder: Path, path: Path) -> ImportRun:
    receipt = free_path(folder / "recibos", f"{path.stem}.csv")
    return receive_file(copy_file(path), name=path.name, receipt=receipt, apply=folder.name == AT_ONCE, actor=None)
