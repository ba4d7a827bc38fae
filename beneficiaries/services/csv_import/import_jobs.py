"""An import as a job: it survives a killed worker, since nothing of it is written before all of it is; it can be
cancelled until then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import ImportRun
from beneficiaries.services.csv_import.import_file import FullRegistry, import_file
from beneficiaries.services.csv_import.import_lines import LineKeeper
from beneficiaries.services.csv_import.receipt import RECEIPT, ReceiptLine, receipt_row
from cnsportal.db.parallel import serial_background
from cnsportal.jobs import OPEN, JobLost, Status
from operators.context import current_operator_id
from operators.formats.atomic_files import atomic_write, delete_leftovers, temporary_paths
from operators.formats.csv_tables import Table
from operators.models import User

LEFTOVER_MAX_AGE = timedelta(days=7)  # a receipt's folder is anybody's: older ones are not looked for in it
COPY_BYTES = 1 << 20
HEARTBEAT_ROWS = 20_000  # rows after which the progress is reported
OVERTAKEN = (
    "A importação foi interrompida, e um arquivo mais novo entrou depois. Se este ainda vale, importe-o de novo."
)


def request_import(
    file: Path,
    receipt: Path,
    *,
    rehearse: bool = False,
    everybody: FullRegistry | None = None,
    actor: User | None = None,
) -> ImportRun:
    """A run on a copy of the file, which the caller enqueues or processes."""
    run = new_run(copy_file(file), receipt, name=file.name, is_rehearsal=rehearse, everybody=everybody, actor=actor)
    run.save()
    return run


def new_run(
    path: Path, receipt: Path, *, name: str, is_rehearsal: bool, everybody: FullRegistry | None, actor: User | None
) -> ImportRun:
    """A run, not saved yet, on a file that is ours to delete."""
    leaving = everybody or FullRegistry()
    return ImportRun(
        operator_id=current_operator_id(),
        name=name[:200],
        path=str(path),
        receipt=str(receipt.resolve()),
        is_rehearsal=is_rehearsal,
        is_everybody=everybody is not None,
        cancelled_on=leaving.cancelled_on,
        cancellation_reason=leaving.reason,
        requested_by=actor,
    )


def _folder() -> Path:
    folder: Path = settings.CNSPORTAL_DATA / "imports" / str(current_operator_id())
    return folder


def copy_file(file: Path) -> Path:
    with file.open("rb") as stream:
        return write_copy(iter(partial(stream.read, COPY_BYTES), b""))


def write_copy(chunks: Iterable[bytes]) -> Path:
    """A file of ours, for nobody else to read."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / uuid4().hex
    copy.touch(mode=0o600)
    with copy.open("wb") as output:
        output.writelines(chunks)
    return copy


def process(run_id: int, *, on_progress: Callable[[int], None] = lambda _: None) -> None:
    """Run the import; safe to start again at any moment, and by two workers at once.

    ``on_progress`` is given the number of rows read so far.
    """

    def work(run: ImportRun) -> None:
        with _progress(run, on_progress) as progress:
            _import(run, progress)

    run = ImportRun.objects.perform(run_id, work, refusals=InvalidFile, keep_alive=True)
    if run is None:
        return
    run.refresh_from_db()
    if run.status not in OPEN:
        Path(run.path).unlink(missing_ok=True)


def _import(run: ImportRun, progress: Callable[[int], None]) -> None:
    """All of it and the end of the job, or nothing."""
    with Path(run.path).open("rb") as stream, atomic_write(Path(run.receipt)) as output, transaction.atomic():
        receipt, shown = Table(output, RECEIPT), LineKeeper()

        def keep(line: ReceiptLine) -> None:
            receipt.add(receipt_row(line))
            shown.add(line)

        run.figures = import_file(
            stream,
            actor=run.requested_by,
            keep=keep,
            progress=progress,
            rehearse=run.is_rehearsal,
            everybody=_full_registry(run),
            columns=run.columns,
        )
        if _is_overtaken(run):
            raise InvalidFile(OVERTAKEN)
        if run.waits_for_decision:
            shown.replace_lines(run)
        run.save(update_fields=["figures"])
        if not run.finish(Status.WAITING if run.waits_for_decision and run.is_rehearsal else Status.DONE):
            raise JobLost


def _is_overtaken(run: ImportRun) -> bool:
    """Begun again after a newer file is in, as after a command that was killed and repeated with a better one."""
    newer = ImportRun.objects.filter(status=Status.DONE, is_rehearsal=False)
    newer = newer.filter(finished_at__gt=run.confirmed_at) if run.confirmed_at else newer.filter(pk__gt=run.pk)
    return run.attempt > 1 and not run.is_rehearsal and newer.exists()


def _full_registry(run: ImportRun) -> FullRegistry | None:
    return FullRegistry(run.cancelled_on, run.cancellation_reason) if run.is_everybody else None


@contextmanager
def _progress(run: ImportRun, on_progress: Callable[[int], None]) -> Iterator[Callable[[int], None]]:
    """How far it is goes out by a connection of its own: the import's shows nothing before its end."""

    def progress(done: int) -> None:
        on_progress(done)
        if done % HEARTBEAT_ROWS == 0:
            if not run.is_still_claimed():
                raise JobLost
            show(lambda: int(run.heartbeat(done=done)))

    with serial_background() as show:
        yield progress


def cancel_import(run: ImportRun) -> bool:
    """Nothing of it is written; False when it was over."""
    was_open = ImportRun.objects.cancel(run.pk)
    if was_open:
        Path(run.path).unlink(missing_ok=True)
    return was_open


def delete_import_leftovers() -> int:
    """What a process that was killed left behind: copies of files no run waits for, drafts of receipts; how many."""
    wanted = set(ImportRun.objects.filter(status__in=OPEN).values_list("path", flat=True))
    over = ImportRun.objects.filter(queued_at__gte=timezone.now() - LEFTOVER_MAX_AGE).exclude(path__in=wanted)
    drafts = [draft for receipt in over.values_list("receipt", flat=True) for draft in temporary_paths(Path(receipt))]
    copies = [path for path in _folder().glob("*") if str(path) not in wanted]
    return delete_leftovers([*copies, *drafts])
