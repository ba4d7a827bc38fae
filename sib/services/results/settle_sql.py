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
from cnsportal.db.sql_files import read_statements
from operators.audit import EventKind, record_set
from sib.domain.criticas import FIELDS
from sib.formats.rpx.reader import Included, Rejected, normal_code
from sib.models import RpxFile

_SQL = read_statements("sib/sql/results.sql")
CHUNK_SIZE = 5000

_REJECTED = ("record", "line", "type", "cco", "code", "field_code", "field_name", "value", "error_code", "message")


def load_rows(rows: Iterable[Rejected | Included]) -> None:
    """The rows of the answer in tables of this transaction; memory holds a piece of them."""
    _run(_SQL["create_tables"])
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
    _run(_SQL["match_movements"], sbx=file.sbx_id)
    _run("ANALYZE rpx_landed")


def store_rejections(file: RpxFile, *, reported_before: bool = False) -> None:
    """Keep the rejections, each with the movement and the person that it is about where they are known.

    What another answer ``reported_before`` waits for nobody.
    """
    _run(
        _SQL["insert_rejections"],
        rpx=file.pk,
        operator=file.operator_id,
        resolved_at=timezone.now() if reported_before else None,
    )
    _run(_SQL["insert_criticas"], operator=file.operator_id)


# ---- movements ------------------------------------------------------------------------------------------------------


def answer_movements(file: RpxFile) -> int:
    """The movements of the file are rejected or accepted; how many were accepted."""
    states = [state for (state,) in _rows(_SQL["answer_movements"], sbx=file.sbx_id)]
    _run(_SQL["resolve_rejections"], sbx=file.sbx_id, rpx=file.pk, operator=file.operator_id)
    kinds = {"ACCEPTED": EventKind.MOVEMENT_ACCEPTED, "REJECTED": EventKind.MOVEMENT_REJECTED}
    for state, kind in kinds.items():
        parameters = {"sbx": file.sbx_id, "state": state}
        told = _SQL["movements_of_state"]
        record_set(kind, "movement", told, parameters, actor=file.received_by, source=file.origin)
    return states.count("ACCEPTED")


def release_movements(file: RpxFile) -> int:
    """ANS refused the file whole: its movements are free to be sent again."""
    return _run(_SQL["release_movements"], sbx=file.sbx_id)


# ---- numbers --------------------------------------------------------------------------------------------------------


def give_ccos(file: RpxFile) -> list[dict[str, Any]]:
    """Links of accepted inclusões get the CCO of ANS; what stood in the way, by link."""
    _run(_SQL["find_links"], sbx=file.sbx_id, operator=file.operator_id)
    _run(_SQL["hold_links"])
    _run(_SQL["judge_links"], operator=file.operator_id)
    registry.give_ccos(_SQL["links_to_give"], {}, origin=file.origin, actor=file.received_by)
    found = _rows("SELECT kind, person_id, cco FROM rpx_given WHERE kind NOT IN ('GIVEN', 'SAME') ORDER BY kind, norm")
    return [{"kind": kind, "person": person, "cco": cco} for kind, person, cco in found]


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
