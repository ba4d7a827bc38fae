"""What ANS holds, kept from one conference to the next, and what it changed in between.

Only a conference that is not older than the last one moves the mirror; an older one is compared with the registry
alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from cnsportal.db.parallel import serial_background
from sib.models import ConferenceFile, MirrorRecord, Record
from sib.queries.staging_tables import room_to_work, tables

GREAT = 50_000  # records; fewer are filled in once all are read


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
                if begun or last - first >= GREAT - 1:
                    do(partial(_fill_range, file, first if begun else 1, last))
                    begun.append(first)

            yield take
    except Exception:
        MirrorRecord.objects.all().delete()
        raise


def _fill_range(file: ConferenceFile, first: int, last: int) -> int:
    """Which of two records of one CCO counts is known later."""
    with room_to_work():
        return _execute(_FILL_RANGE, file, first=first, last=last)


@transaction.atomic
def fill_mirror(file: ConferenceFile) -> int:
    """The mirror of a first conference, whatever of it was filled ahead; how many records came in now."""
    if ConferenceFile.objects.exclude(pk=file.pk).latest_mirrored():
        return 0
    MirrorRecord.objects.exclude(file=file).delete()
    _execute(_DROP_REPEATED, file)
    _execute(_FILL_REPEATED, file)
    if MirrorRecord.objects.count() == _execute(_COUNTED, file):
        return 0
    MirrorRecord.objects.all().delete()
    return _execute(_FILL, file)


def is_older(file: ConferenceFile, last: ConferenceFile) -> bool:
    return file.made_at < last.made_at


def _move(file: ConferenceFile) -> dict[str, int]:
    """How many records came, changed and went since the last conference."""
    _execute(_MOVED, file)
    changes = {"NEW": _execute(_NOTE_NEW, file), "CHANGED": _execute(_NOTE_CHANGED, file)}
    if _execute(_NAMED, file) < MirrorRecord.objects.count():
        changes["GONE"] = _execute(_NOTE_GONE, file)
        _execute(_DROP, file)
    _execute(_CHANGE, file)
    _execute(_ADD, file)
    return {kind: count for kind, count in changes.items() if count}


def _execute(query: str, file: ConferenceFile, **more: int) -> int:
    """How many rows it wrote; of a count, what it counted."""
    with connection.cursor() as cursor:
        parameters = {"operator": file.operator_id, "file": file.pk, **more}
        cursor.execute(query.format(**asdict(tables(file.pk))), parameters)
        return int(cursor.fetchone()[0]) if cursor.description else int(cursor.rowcount)


_FIELDS = [str(field.column) for field in Record._meta.local_fields]
_NAMES = ", ".join(_FIELDS)
_VALUES = ", ".join(f"s.{name}" for name in _FIELDS)

# Of a CCO that stands twice the record counts that is not superseded; one without a CCO is nobody's.
_COUNTS = "LEFT JOIN {facts} fact ON fact.position = s.position WHERE s.cco <> '' AND fact.is_superseded IS NOT TRUE"
_FILL = f"""
    INSERT INTO sib_mirrorrecord (operator_id, file_id, {_NAMES})
    SELECT %(operator)s, %(file)s, {_VALUES} FROM {{rows}} s {_COUNTS}
"""
_FILL_RANGE = f"""
    INSERT INTO sib_mirrorrecord (operator_id, file_id, {_NAMES})
    SELECT %(operator)s, %(file)s, {_VALUES} FROM {{rows}} s
     WHERE s.position BETWEEN %(first)s AND %(last)s AND s.cco <> ''
        ON CONFLICT (operator_id, cco) DO NOTHING
"""
_REPEATED = "SELECT same.cco FROM {rows} same JOIN {facts} USING (position) WHERE is_superseded"
_DROP_REPEATED = f"DELETE FROM sib_mirrorrecord WHERE operator_id = %(operator)s AND cco IN ({_REPEATED})"
_FILL_REPEATED = f"{_FILL} AND s.cco IN ({_REPEATED})"
# Records are wide, and most of them have not moved: they are found without their texts.
_MOVED = f"""
    CREATE UNLOGGED TABLE {{moved}} AS
    WITH moved AS MATERIALIZED (
        SELECT s.position, mirror.id AS mirror_id
          FROM (SELECT s.position, s.cco, s.digest FROM {{rows}} s {_COUNTS}) s
          LEFT JOIN sib_mirrorrecord mirror ON mirror.operator_id = %(operator)s AND mirror.cco = s.cco
         WHERE mirror.digest IS DISTINCT FROM s.digest
    )
    SELECT s.*, mirror_id FROM moved JOIN {{rows}} s USING (position)
"""
_COUNTED = f"SELECT count(*) FROM {{rows}} s {_COUNTS}"
_NAMED = f"""
    SELECT ({_COUNTED}) - (SELECT count(*) FROM {{moved}} WHERE mirror_id IS NULL)
"""
_NOTE = "INSERT INTO sib_mirrorchange (operator_id, file_id, cco, kind, fields)"
_NOTE_NEW = f"{_NOTE} SELECT %(operator)s, %(file)s, cco, 'NEW', '{{{{}}}}' FROM {{moved}} WHERE mirror_id IS NULL"
_NOTE_CHANGED = f"""
    {_NOTE}
    SELECT %(operator)s, %(file)s, s.cco, 'CHANGED',
           (SELECT jsonb_object_agg(key, jsonb_build_array(was.value, became.value))
              FROM jsonb_each_text(to_jsonb(mirror)) was JOIN jsonb_each_text(to_jsonb(s)) became USING (key)
             WHERE was.value IS DISTINCT FROM became.value AND key <> ALL (ARRAY['digest', 'name_key']))
      FROM {{moved}} s JOIN sib_mirrorrecord mirror ON mirror.id = s.mirror_id
"""
_GONE = f"""
    sib_mirrorrecord mirror
     WHERE mirror.operator_id = %(operator)s
       AND NOT EXISTS (SELECT FROM {{rows}} s {_COUNTS} AND s.cco = mirror.cco)
"""
_NOTE_GONE = f"{_NOTE} SELECT %(operator)s, %(file)s, cco, 'GONE', '{{{{}}}}' FROM {_GONE}"
_DROP = f"DELETE FROM {_GONE}"
_CHANGE = f"""
    UPDATE sib_mirrorrecord mirror SET file_id = %(file)s, ({_NAMES}) = ROW({_VALUES})
      FROM {{moved}} s WHERE mirror.id = s.mirror_id
"""
_ADD = f"""
    INSERT INTO sib_mirrorrecord (operator_id, file_id, {_NAMES})
    SELECT %(operator)s, %(file)s, {_VALUES} FROM {{moved}} s WHERE s.mirror_id IS NULL
"""
