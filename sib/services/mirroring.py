"""What ANS holds, kept from one conference to the next, and what it changed in between.

Only a conference that is not older than the last one moves the mirror; an older one is compared with the registry
alone.
"""

from dataclasses import asdict

from django.db import connection, transaction
from django.utils import timezone

from sib.models import ConferenceFile, MirrorRecord, Record
from sib.staged import tables


def mirror(file: ConferenceFile) -> None:
    """Bring the mirror up to the staged conference and keep the changes; sets the file's fields, saves nothing."""
    file.mirror_changes.all().delete()
    last = last_mirrored(file)
    if last and is_older(file, last):
        return
    if last:
        file.compared_with, file.changes = last, _move(file)
    else:
        fill(file)
    file.mirrored_at = timezone.now()


@transaction.atomic
def fill(file: ConferenceFile) -> int:
    """The mirror of a first conference, which may be filled ahead, beside other work; how many records came in.

    What a first conference left that came to no end makes room.
    """
    if last_mirrored(file):
        return 0
    MirrorRecord.objects.exclude(file=file).delete()
    return 0 if MirrorRecord.objects.exists() else _execute(_FILL, file)


def last_mirrored(file: ConferenceFile) -> ConferenceFile | None:
    return ConferenceFile.objects.filter(mirrored_at__isnull=False).exclude(pk=file.pk).order_by("mirrored_at").last()


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


def _execute(query: str, file: ConferenceFile) -> int:
    """How many rows it wrote; of a count, what it counted."""
    with connection.cursor() as cursor:
        parameters = {"operator": file.operator_id, "file": file.pk}
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
_MOVED = f"""
    CREATE UNLOGGED TABLE {{moved}} AS
    SELECT s.*, mirror.id AS mirror_id
      FROM (SELECT s.* FROM {{rows}} s {_COUNTS}) s
      LEFT JOIN sib_mirrorrecord mirror ON mirror.operator_id = %(operator)s AND mirror.cco = s.cco
     WHERE mirror.digest IS DISTINCT FROM s.digest
"""
_NAMED = f"""
    SELECT (SELECT count(*) FROM {{rows}} s {_COUNTS}) - (SELECT count(*) FROM {{moved}} WHERE mirror_id IS NULL)
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
