"""Keeps the mirror from one conference to the next, and records what changed in between.

Only a conference that is not older than the last one moves the mirror; an older one is compared with the registry
alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from cnsportal.db.parallel import serial_background
from cnsportal.db.sql_files import read_statements
from sib.models import ConferenceFile, MirrorRecord, Record
from sib.queries.staging_tables import large_work_memory, with_tables

_SQL = read_statements("sib/sql/mirror.sql")
_FIELDS = [str(field.column) for field in Record._meta.local_fields]
_COLUMNS = {"columns": ", ".join(_FIELDS), "values": ", ".join(f"s.{name}" for name in _FIELDS)}
LARGE_FILE_RECORDS = 50_000  # records; fewer are filled in once all are read


def move_mirror(file: ConferenceFile) -> None:
    """Bring the mirror up to the staged conference and keep the changes; sets the file's fields, saves nothing."""
    file.mirror_changes.all().delete()
    last = ConferenceFile.objects.exclude(pk=file.pk).latest_mirrored()
    if last and is_older(file, last):
        return
    if last:
        file.compared_with, file.changes = last, _move(file)
    else:
        fill_mirror(file)
    file.mirrored_at = timezone.now()


@contextmanager
def fill_mirror_ahead(file: ConferenceFile) -> Iterator[Callable[[int, int], None]]:
    """Gives what takes the positions that were staged, one range after the other: the mirror of a great first
    conference is filled with them while the next ones are read. Where the conference is none, they go again.
    """
    if ConferenceFile.objects.exclude(pk=file.pk).latest_mirrored():
        yield lambda _first, _last: None
        return
    MirrorRecord.objects.all().delete()  # of a first conference that came to no end
    try:
        with serial_background() as do:
            begun: list[int] = []

            def take(first: int, last: int) -> None:
                if begun or last - first >= LARGE_FILE_RECORDS - 1:
                    do(partial(_fill_range, file, first if begun else 1, last))
                    begun.append(first)

            yield take
    except Exception:
        MirrorRecord.objects.all().delete()
        raise


def _fill_range(file: ConferenceFile, first: int, last: int) -> int:
    """Which of two records of one CCO counts is known later."""
    with large_work_memory():
        return _execute("fill_range", file, first=first, last=last)


@transaction.atomic
def fill_mirror(file: ConferenceFile) -> int:
    """The mirror of a first conference, whatever of it was filled ahead; how many records came in now."""
    if ConferenceFile.objects.exclude(pk=file.pk).latest_mirrored():
        return 0
    MirrorRecord.objects.exclude(file=file).delete()
    _execute("drop_repeated", file)
    _execute("fill_repeated", file)
    if MirrorRecord.objects.count() == _execute("count_records", file):
        return 0
    MirrorRecord.objects.all().delete()
    return _execute("fill", file)


def is_older(file: ConferenceFile, last: ConferenceFile) -> bool:
    return file.made_at < last.made_at


def _move(file: ConferenceFile) -> dict[str, int]:
    """How many records came, changed and went since the last conference."""
    _execute("find_moved", file)
    changes = {"NEW": _execute("note_new", file), "CHANGED": _execute("note_changed", file)}
    if _execute("count_known", file) < MirrorRecord.objects.count():
        changes["GONE"] = _execute("note_gone", file)
        _execute("drop_gone", file)
    _execute("change_moved", file)
    _execute("add_new", file)
    return {kind: count for kind, count in changes.items() if count}


def _execute(name: str, file: ConferenceFile, **more: int) -> int:
    """How many rows it wrote; of a count, what it counted."""
    with connection.cursor() as cursor:
        parameters = {"operator": file.operator_id, "file": file.pk, **more}
        cursor.execute(with_tables(_SQL[name], file.pk, **_COLUMNS), parameters)
        return int(cursor.fetchone()[0]) if cursor.description else int(cursor.rowcount)
