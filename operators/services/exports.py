"""Export of a list by a job: a file with what the list's page shows under the same filters, kept for some days."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localtime

from cnsportal.formats.br import format_date, format_datetime_with_seconds
from cnsportal.jobs import JobLost, Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.formats.atomic_files import delete_leftovers, temporary_path
from operators.formats.csv_tables import write_csv
from operators.formats.xlsx_tables import write_xlsx
from operators.models import ExportFormat, ExportRun, User
from operators.registry import LIST_EXPORTS, CannotExport, ExportRequest, ListExport

FILE_TTL = timedelta(days=3)
HEARTBEAT_ROWS = 2000  # rows after which others are told how far it is
WRITERS = {ExportFormat.XLSX: write_xlsx, ExportFormat.CSV: write_csv}


@transaction.atomic
def request_export(
    listing: ListExport, query: Mapping[str, str], *, kind: str, reason: str = "", actor: User
) -> ExportRun:
    """A run that a worker performs; with a reason CPF and CNS are written in full."""
    run: ExportRun = ExportRun.objects.create(
        operator_id=current_operator_id(),
        list_name=listing.name,
        query=listing.kept(query),
        kind=kind,
        reason=reason,
        requested_by=actor,
    )
    run.enqueue()
    return run


def process_export(run_id: int) -> None:
    """Write the file; safe to start again at any moment, and by two workers at once: each attempt has its own."""
    ExportRun.objects.perform(run_id, _export, refusals=CannotExport, keep_alive=True)


def _export(run: ExportRun) -> None:
    listing = LIST_EXPORTS[run.list_name]
    asked = ExportRequest(run.query, run.requested_by_id, in_full=bool(run.reason))
    path = _folder() / f"{run.pk}-{run.attempt}.{run.kind}"
    with temporary_path(path) as draft:
        WRITERS[ExportFormat(run.kind)](draft, listing.head(asked), _counted(run, listing.rows(asked)))
    with transaction.atomic():
        if not run.finish(Status.DONE, path=str(path), expires_at=timezone.now() + FILE_TTL, done=run.done):
            path.unlink()
            raise JobLost
        _tell(run, listing, EventKind.LIST_EXPORTED, run.requested_by)


def _counted(run: ExportRun, rows: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    run.done = 0
    for row in rows:
        run.done += 1
        if run.done % HEARTBEAT_ROWS == 0 and not run.heartbeat(done=run.done):
            raise JobLost
        yield list(map(_cell, row))


def _cell(value: object) -> str:
    """As the pages write it."""
    if isinstance(value, datetime):
        return format_datetime_with_seconds(localtime(value))
    if isinstance(value, date):
        return format_date(value)
    return "" if value is None else str(value)


@transaction.atomic
def open_export(run: ExportRun, *, actor: User) -> Any:
    """The file for reading; that it left the portal is on record. FileNotFoundError where it expired or is gone."""
    if not run.is_available:
        raise FileNotFoundError(run.path)
    _tell(run, LIST_EXPORTS[run.list_name], EventKind.LIST_DOWNLOADED, actor)
    return Path(run.path).open("rb")


def _tell(run: ExportRun, listing: ListExport, kind: EventKind, actor: User) -> None:
    """Which list, narrowed how, how many rows, and why in full; never what was searched."""
    filters = {key: "…" if key in listing.searches else value for key, value in run.query.items()}
    data = {"list": run.list_name, "rows": run.done, "format": run.kind, "filters": filters, "reason": run.reason}
    record([Event(kind, "exportrun", run.pk, actor=actor, data=data)])


def delete_expired_exports() -> int:
    """Files that were kept long enough, and what killed processes left behind; how many there were."""
    expired = list(ExportRun.objects.expired())
    for run in expired:
        Path(run.path).unlink(missing_ok=True)
        ExportRun.objects.filter(pk=run.pk).update(path="")
    kept = set(ExportRun.objects.exclude(path="").values_list("path", flat=True))
    return len(expired) + delete_leftovers(path for path in _folder().glob("*") if str(path) not in kept)


def _folder() -> Path:
    folder: Path = settings.CNSPORTAL_DATA / "exports" / str(current_operator_id())
    return folder
