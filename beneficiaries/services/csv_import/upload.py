"""A file that comes by page, folder or API: its headings understood, rehearsed, then confirmed or cancelled."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from beneficiaries.domain.column_names import guess_columns
from beneficiaries.domain.csv_columns import COLUMNS, REQUIRED
from beneficiaries.domain.csv_reader import read_headings
from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import ImportColumn, ImportLine, ImportRun
from beneficiaries.services.csv_import.import_file import FullRegistry
from beneficiaries.services.csv_import.import_jobs import cancel_import, new_run, write_copy
from cnsportal.jobs import Status
from operators.context import current_operator_id
from operators.formats.file_names import printable
from operators.models import User

DEFAULT_NAME = "beneficiarios.csv"
MAX_HEADINGS = 200
MAX_EXAMPLE_CHARACTERS = 40
DECISION_TIME = timedelta(days=14)  # how long a file waits for somebody to decide on it
LINE_RETENTION = timedelta(days=90)  # of what pages show; the receipts stay
OVERTAKEN = "Outra importação entrou depois deste ensaio. Ensaie de novo antes de importar."
NOT_WAITING = "Esta importação não está à espera de uma decisão."
TOO_MANY = f"A primeira linha tem mais de {MAX_HEADINGS} colunas. Deixe na planilha só as do cadastro."


class CannotImport(Exception):
    """What was asked cannot be done now; the sentence says why and what to do."""


def receive_upload(
    sent: "UploadedFile[Any]", *, everybody: FullRegistry | None = None, apply: bool = False, actor: User
) -> ImportRun:
    """As ``receive_file``, of what came by page or API."""
    path, name = write_copy(sent.chunks()), printable(sent.name or DEFAULT_NAME)
    return receive_file(path, name=name, everybody=everybody, apply=apply, actor=actor)


def receive_file(
    path: Path,
    *,
    name: str,
    everybody: FullRegistry | None = None,
    apply: bool = False,
    receipt: Path | None = None,
    actor: User | None,
) -> ImportRun:
    """A file that is ours: rehearsed, where its headings are known, and imported at once where ``apply`` says so.

    Where a heading is unknown it waits until somebody says what it means, and is rehearsed then. Raises InvalidFile
    where it is no table: nothing of it is kept.
    """
    try:
        headings, example = _read_headings(path)
    except InvalidFile:
        path.unlink()
        raise
    run = new_run(path, receipt or _receipt(path), name=name, is_rehearsal=True, everybody=everybody, actor=actor)
    run.waits_for_decision = True
    known = known_columns(headings)
    is_understood = set(known) >= set(headings) and not missing_columns(known) and not _is_ambiguous(known)
    if is_understood:
        run.columns, run.is_rehearsal = known, not apply
    else:
        run.status, run.headings = Status.WAITING, _described(headings, example, known)
    with transaction.atomic():
        run.save()
        if is_understood:
            run.enqueue()
    return run


def _read_headings(path: Path) -> tuple[list[str], list[str]]:
    with path.open("rb") as stream:
        headings, example = read_headings(stream)
    if len(headings) > MAX_HEADINGS:
        raise InvalidFile(TOO_MANY)
    return headings, example


def _receipt(path: Path) -> Path:
    """Of a file that came by page, folder or API; downloaded from the page of its run."""
    folder: Path = settings.CNSPORTAL_DATA / "receipts" / str(current_operator_id())
    return folder / f"{path.name}.csv"


def known_columns(headings: list[str]) -> dict[str, str]:
    """Heading → column: those named as in the registry, and what was confirmed before."""
    own = {column.lower(): column for column in COLUMNS}
    known = {heading: own[heading.lower()] for heading in headings if heading.lower() in own}
    wanted = ImportColumn.objects.filter(heading__in=[heading[:150] for heading in headings])
    return dict(wanted.values_list("heading", "column")) | known


def _is_ambiguous(columns: Mapping[str, str]) -> bool:
    """Two headings mean one column: each was confirmed in another file."""
    chosen = list(filter(None, columns.values()))
    return len(set(chosen)) < len(chosen)


def missing_columns(columns: Mapping[str, str]) -> list[str]:
    return [column for column in REQUIRED if column not in columns.values()]


def _described(headings: list[str], example: list[str], known: Mapping[str, str]) -> list[list[str]]:
    """[heading, example, column that it probably means]."""
    guessed = guess_columns(headings) | dict(known)
    shown = dict(zip(headings, example, strict=False))
    return [[each, shown.get(each, "")[:MAX_EXAMPLE_CHARACTERS], guessed[each]] for each in dict.fromkeys(headings)]


def confirm_columns(run: ImportRun, columns: Mapping[str, str]) -> None:
    """Remember what the headings mean, for this file and the next ones, and rehearse. Raises CannotImport."""
    with transaction.atomic():
        run = _locked(run)
        if not run.needs_columns:
            raise CannotImport(NOT_WAITING)
        run.columns, run.headings = dict(columns), []
        own = {column.lower() for column in COLUMNS}
        foreign = {
            heading[:150]: column for heading, column in columns.items() if heading and heading.lower() not in own
        }
        ImportColumn.objects.bulk_create(
            [ImportColumn(operator_id=run.operator_id, heading=each, column=foreign[each]) for each in foreign],
            update_conflicts=True,
            unique_fields=["operator", "heading"],
            update_fields=["column"],
        )
        _queue(run, "columns", "headings")


def confirm_import(run: ImportRun, *, actor: User) -> None:
    """Import what was rehearsed. Raises CannotImport."""
    with transaction.atomic():
        run = _locked(run)
        if not run.is_rehearsed:
            raise CannotImport(NOT_WAITING)
        newer = ImportRun.objects.filter(is_rehearsal=False, status=Status.DONE, finished_at__gt=run.finished_at)
        if newer.exists():
            raise CannotImport(OVERTAKEN)
        run.is_rehearsal, run.requested_by, run.confirmed_at = False, actor, timezone.now()
        _queue(run, "is_rehearsal", "requested_by", "confirmed_at")


def rehearse_again(run: ImportRun) -> None:
    """Raises CannotImport."""
    with transaction.atomic():
        run = _locked(run)
        if not run.is_rehearsed:
            raise CannotImport(NOT_WAITING)
        _queue(run)


def _locked(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)


def _queue(run: ImportRun, *changed: str) -> None:
    run.status, run.queued_at, run.finished_at, run.done = Status.QUEUED, timezone.now(), None, 0
    run.save(update_fields=["status", "queued_at", "finished_at", "done", *changed])
    run.enqueue()


def discard_undecided() -> int:
    """Files nobody has decided on for DECISION_TIME, and lines older than LINE_RETENTION; how many files."""
    now = timezone.now()
    ImportLine.objects.filter(run__queued_at__lt=now - LINE_RETENTION).delete()
    undecided = ImportRun.objects.filter(status=Status.WAITING, queued_at__lt=now - DECISION_TIME)
    return sum(cancel_import(run) for run in undecided)
