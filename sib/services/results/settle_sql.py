"""An answer of ANS brought home: by sets, over tables that last as long as the transaction.

Each rejection lands on its movement and its person; what was sent and not rejected is accepted; accepted inclusões get
their CCO. Where a rejected record fits several movements of the file, none of them is taken for accepted.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from beneficiaries.services import give_ccos as registry
from cnsportal.db.copy import copy_rows
from operators.audit import EventKind, record_set
from sib.domain.criticas import FIELDS
from sib.formats.rpx.reader import Included, Rejected, normal_code
from sib.models import RpxFile

CHUNK_SIZE = 5000

_REJECTED = ("record", "line", "type", "cco", "code", "field_code", "field_name", "value", "error_code", "message")
_TABLES = {
    "rpx_rejected": "record int, line int, type text, cco text, code text, field_code text, field_name text,"
    " value text, error_code text, message text, norm text",
    "rpx_included": "line int, code text, cco text, norm text",
    "rpx_field": "code text, field text",
    "rpx_landed": "record int, movement_id bigint, person_id bigint, beneficiary_id bigint",
    "rpx_given": "id int GENERATED ALWAYS AS IDENTITY, norm text, movement_id bigint, person_id bigint,"
    " beneficiary_id bigint, cco text, kind text",
}


def load_rows(rows: Iterable[Rejected | Included]) -> None:
    """The rows of the answer in tables of this transaction; memory holds a piece of them."""
    for name, columns in _TABLES.items():
        _run(f"DROP TABLE IF EXISTS pg_temp.{name}; CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
    copy_rows("rpx_field", ("code", "field"), [(code, told.field) for code, told in FIELDS.items()])
    coming = iter(rows)
    while piece := list(islice(coming, CHUNK_SIZE)):
        rejected = [(*row, normal_code(row.code)) for row in piece if isinstance(row, Rejected)]
        included = [(row.line, row.code, row.cco, normal_code(row.code)) for row in piece if isinstance(row, Included)]
        copy_rows("rpx_rejected", (*_REJECTED, "norm"), rejected)
        copy_rows("rpx_included", ("line", "code", "cco", "norm"), included)
    _run("ANALYZE rpx_rejected; ANALYZE rpx_included")


def _run(sql: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return int(cursor.rowcount)


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


# ---- rejections -----------------------------------------------------------------------------------------------------


def match_movements(file: RpxFile) -> None:
    """Find the movements that were rejected."""
    _run(_LAND, sbx=file.sbx_id)
    _run("ANALYZE rpx_landed")


def store_rejections(file: RpxFile, *, told_before: bool = False) -> None:
    """Keep the rejections, each with the movement and the person that it is about where they are known.

    What another answer ``told_before`` waits for nobody.
    """
    _run(_KEEP, rpx=file.pk, operator=file.operator_id, resolved_at=timezone.now() if told_before else None)
    _run(_LEARN, operator=file.operator_id)


_LAND = """
    INSERT INTO rpx_landed
    WITH pairs AS (
      SELECT r.record, r.field_code, m.id, 0 AS by_code
        FROM rpx_rejected r JOIN sib_movement m ON m.cco = r.cco
       WHERE m.file_id = %(sbx)s AND r.cco <> '' AND m.type = coalesce(nullif(r.type, ''), m.type)
       UNION ALL
      SELECT r.record, r.field_code, m.id, 1
        FROM rpx_rejected r JOIN sib_movement m ON ltrim(btrim(m.code), '0') = r.norm
       WHERE m.file_id = %(sbx)s AND r.norm <> '' AND m.type = coalesce(nullif(r.type, ''), m.type)
    ), fits AS (
      SELECT record, m.id, person_id, beneficiary_id, min(by_code) AS by_code,
             coalesce(bool_or(m.fields ? f.field), false) AS has_field
        FROM pairs JOIN sib_movement m USING (id) LEFT JOIN rpx_field f ON f.code = pairs.field_code
       GROUP BY record, m.id
    )
    SELECT record, id, person_id, beneficiary_id
      FROM (SELECT *, rank() OVER (PARTITION BY record ORDER BY by_code, has_field DESC) AS place FROM fits) AS best
     WHERE place = 1
"""
_KEEP = f"""
    INSERT INTO sib_rejection
           (operator_id, rpx_id, {", ".join(_REJECTED)}, movement_id, person_id, beneficiary_id, resolved_at)
    SELECT %(operator)s, %(rpx)s, {", ".join(f"r.{name}" for name in _REJECTED)}, landed.movement_id,
           coalesce(landed.person_id, link.person_id), coalesce(landed.beneficiary_id, link.id), %(resolved_at)s
      FROM rpx_rejected r
      LEFT JOIN (SELECT DISTINCT ON (record) * FROM rpx_landed ORDER BY record, movement_id) landed USING (record)
      LEFT JOIN LATERAL (
        SELECT id, person_id FROM beneficiaries_beneficiary link
         WHERE link.operator_id = %(operator)s AND landed.movement_id IS NULL
           AND (link.cco = nullif(r.cco, '')
                OR link.code IN (nullif(r.code, ''), nullif(r.norm, ''), lpad(nullif(r.norm, ''), 17, '0')))
         ORDER BY link.cco = r.cco DESC NULLS LAST LIMIT 1
      ) link ON true
     ORDER BY r.record, r.line
"""  # noqa: S608  (the columns above)
_LEARN = """
    INSERT INTO sib_critica (operator_id, field_code, error_code, message, title, explanation, next_step, learned_at)
    SELECT DISTINCT ON (field_code, error_code) %(operator)s, field_code, error_code, message, '', '', '', now()
      FROM rpx_rejected WHERE error_code <> '' ORDER BY field_code, error_code, record
    ON CONFLICT DO NOTHING
"""


# ---- movements ------------------------------------------------------------------------------------------------------


def answer_movements(file: RpxFile) -> int:
    """The movements of the file are rejected or accepted; how many were accepted."""
    states = [state for (state,) in _rows(_ANSWER, sbx=file.sbx_id)]
    _run(_RESOLVE, sbx=file.sbx_id, rpx=file.pk, operator=file.operator_id)
    kinds = {"ACCEPTED": EventKind.MOVEMENT_ACCEPTED, "REJECTED": EventKind.MOVEMENT_REJECTED}
    for state, kind in kinds.items():
        parameters = {"sbx": file.sbx_id, "state": state}
        record_set(kind, "movement", _TOLD, parameters, actor=file.received_by, source=file.origin)
    return states.count("ACCEPTED")


_ANSWER = """
    UPDATE sib_movement m SET settled_at = clock_timestamp(),
           state = CASE WHEN EXISTS (SELECT FROM rpx_landed l WHERE l.movement_id = m.id)
                        THEN 'REJECTED' ELSE 'ACCEPTED' END
     WHERE m.file_id = %(sbx)s
    RETURNING state
"""
_RESOLVE = """
    UPDATE sib_rejection j SET resolved_at = now()
      FROM sib_movement m CROSS JOIN rpx_field f
     WHERE m.file_id = %(sbx)s AND m.state = 'ACCEPTED' AND m.beneficiary_id = j.beneficiary_id
       AND j.operator_id = %(operator)s AND j.rpx_id <> %(rpx)s AND j.resolved_at IS NULL
       AND (m.type = '4' OR m.type = j.type AND (m.type <> '2' OR f.code = j.field_code AND m.fields ? f.field))
"""
_TOLD = """
    SELECT id AS subject_id, person_id, jsonb_build_object('type', type) AS data
      FROM sib_movement WHERE file_id = %(sbx)s AND state = %(state)s
"""


def release_movements(file: RpxFile) -> int:
    """ANS refused the file whole: its movements are free to be sent again."""
    return _run(_RELEASE, sbx=file.sbx_id)


_RELEASE = """
    UPDATE sib_movement SET state = 'READY', file_id = NULL WHERE file_id = %(sbx)s AND state <> 'DISCARDED'
"""


# ---- numbers --------------------------------------------------------------------------------------------------------


def give_ccos(file: RpxFile) -> list[dict[str, Any]]:
    """Links of accepted inclusões get the CCO of ANS; what stood in the way, by link."""
    _run(_FIND_LINKS, sbx=file.sbx_id, operator=file.operator_id)
    _run(_HOLD_LINKS)
    _run(_JUDGE, operator=file.operator_id)
    registry.give_ccos(_WANTED, {}, origin=file.origin, actor=file.received_by)
    found = _rows("SELECT kind, person_id, cco FROM rpx_given WHERE kind NOT IN ('GIVEN', 'SAME') ORDER BY kind, norm")
    return [{"kind": kind, "person": person, "cco": cco} for kind, person, cco in found]


_FIND_LINKS = """
    INSERT INTO rpx_given (norm, movement_id, person_id, beneficiary_id, cco, kind)
    SELECT DISTINCT ON (i.norm, m.id) i.norm, m.id, coalesce(link.person_id, m.person_id), link.id, i.cco, 'GIVEN'
      FROM rpx_included i
      LEFT JOIN sib_movement m ON m.file_id = %(sbx)s AND m.type = '1' AND ltrim(btrim(m.code), '0') = i.norm
      LEFT JOIN beneficiaries_beneficiary link
        ON link.id = coalesce(m.beneficiary_id, (SELECT id FROM beneficiaries_beneficiary same
                                                  WHERE same.operator_id = %(operator)s AND same.code = m.code))
     ORDER BY i.norm, m.id, i.line
"""
_HOLD_LINKS = """
    SELECT FROM beneficiaries_beneficiary WHERE id IN (SELECT beneficiary_id FROM rpx_given) ORDER BY id
       FOR NO KEY UPDATE
"""
_JUDGE = """
    UPDATE rpx_given SET kind = judged.kind
      FROM (SELECT g.id, CASE
                     WHEN g.movement_id IS NULL THEN 'NOT_SENT'
                     WHEN g.cco = '' THEN 'WITHOUT_CCO'
                     WHEN g.beneficiary_id IS NULL THEN 'NOT_HERE'
                     WHEN link.cco = g.cco THEN 'SAME'
                     WHEN link.cco IS NOT NULL THEN 'HAS_OTHER'
                     WHEN EXISTS (SELECT FROM beneficiaries_beneficiary other
                                   WHERE other.operator_id = %(operator)s AND other.cco = g.cco) THEN 'TAKEN'
                     WHEN row_number() OVER (PARTITION BY g.cco ORDER BY g.id) > 1 THEN 'TAKEN'
                     WHEN row_number() OVER (PARTITION BY g.beneficiary_id ORDER BY g.id) > 1 THEN 'HAS_OTHER'
                     ELSE 'GIVEN' END AS kind
              FROM rpx_given g LEFT JOIN beneficiaries_beneficiary link ON link.id = g.beneficiary_id) AS judged
     WHERE rpx_given.id = judged.id
"""
_WANTED = "SELECT beneficiary_id AS link_id, cco FROM rpx_given WHERE kind = 'GIVEN'"


# ---- counts ---------------------------------------------------------------------------------------------------------


def count_sent(file: RpxFile) -> dict[str, int]:
    """Movements of the update file, by type."""
    return dict(_rows("SELECT type, count(*) FROM sib_movement WHERE file_id = %(sbx)s GROUP BY type", sbx=file.sbx_id))


def count_rejected() -> dict[str, int]:
    """Rejected records of the answer, by type of movement."""
    return dict(_rows("SELECT type, count(DISTINCT record) FROM rpx_rejected GROUP BY type"))


def count_errors() -> dict[str, int]:
    """Errors of the answer, by code."""
    return dict(_rows("SELECT error_code, count(*) FROM rpx_rejected WHERE error_code <> '' GROUP BY error_code"))


def count_strangers() -> int:
    """Rejected records for which the update file has no movement."""
    [(count,)] = _rows(
        "SELECT count(DISTINCT record) FROM rpx_rejected WHERE record NOT IN (SELECT record FROM rpx_landed)"
    )
    return int(count)
