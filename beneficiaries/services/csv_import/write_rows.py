"""Upserts the plain rows of an import by sets; then the holders and the numbers of all rows."""

from django.db import connection

from beneficiaries.models import CnsSource
from beneficiaries.services.attach_cns import Attachment, CnsOffer, attach_cns, attach_from_select
from beneficiaries.services.csv_import.decide_rows import MIN_ROWS_FOR_HASH_JOINS, large_joins
from beneficiaries.sql import import_writes as sql
from cnsportal.db.copy import copy_rows
from operators.audit import EventKind, record_set
from operators.context import current_operator_id
from operators.models import User

BATCH_SIZE = 2000  # people to whom numbers are offered one by one


def write_plain(*, actor: User | None) -> None:
    """The rows that are new, and what is corrected of known ones."""
    about = {"operator": current_operator_id()}
    with large_joins(), connection.cursor() as cursor:
        for statement in (sql.PEOPLE, sql.LINKS, sql.WAITING_PERIODS, sql.MEND_PEOPLE, sql.MEND_LINKS):
            cursor.execute(statement, about)
        cursor.execute("SELECT count(*) > %s FROM decided WHERE fate = 'new'", [MIN_ROWS_FOR_HASH_JOINS])
        if cursor.fetchone() == (True,):  # else keys are checked by plans made for a registry without these people
            cursor.execute(
                "ANALYZE beneficiaries_person (id, operator_id), beneficiaries_beneficiary (id, operator_id)"
            )
    record_set(EventKind.PERSON_CREATED, "person", sql.CREATED, {}, actor=actor, source="import")
    record_set(EventKind.PERSON_CHANGED, "person", sql.CHANGED_PEOPLE, {}, actor=actor, source="import")
    record_set(EventKind.LINK_CHANGED, "link", sql.CHANGED_LINKS, {}, actor=actor, source="import")


def write_holders(*, actor: User | None) -> None:
    """Hang dependants on their titulares; one whose titular is missing gets a note."""
    with large_joins(), connection.cursor() as cursor:
        for statement in (sql.MOVED, sql.MOVE_DEPENDANTS, sql.NOTE_MOVED, sql.NOTE_ORPHANS):
            cursor.execute(statement, {"operator": current_operator_id()})
    record_set(EventKind.LINK_CHANGED, "link", sql.MOVED_LINKS, {}, actor=actor, source="import")


def write_numbers(*, actor: User | None) -> None:
    """Offer the numbers that the operator's own file holds: they fill an empty place, unverified, and never replace."""
    with large_joins(), connection.cursor() as cursor:
        cursor.execute(sql.WANTED_NUMBERS)
        cursor.execute(sql.NOTE_OTHER_NUMBERS)
        cursor.execute("SELECT EXISTS (SELECT FROM wanted_numbers)")
        if cursor.fetchone() != (True,):
            return
    attach_from_select(sql.OFFERS, {}, source=CnsSource.IMPORT, origin="import", verified=False, actor=actor)
    with large_joins(), connection.cursor() as cursor:
        cursor.execute(sql.NOTE_ATTACHED)
        cursor.execute(sql.LEFT_NUMBERS)
        left = cursor.fetchall()
    for offers in ([offer for offer in left if not offer[3]], [offer for offer in left if offer[3]]):
        for place in range(0, len(offers), BATCH_SIZE):
            _offer(offers[place : place + BATCH_SIZE], actor)


def _offer(offers: list[tuple[int, int, str, bool]], actor: User | None) -> None:
    wanted = [
        CnsOffer(person_id, number, CnsSource.IMPORT, verified=False, origin="import")
        for _, person_id, number, _comes_later in offers
    ]
    answers = attach_cns(wanted, actor=actor)
    notes = [(line, *_answered(answers[person_id])) for line, person_id, *_ in offers]
    with connection.cursor() as cursor:
        cursor.execute(sql.ANSWERED)
        copy_rows("answered", ("line", "is_changed", "note"), notes)
        cursor.execute(sql.NOTE_ANSWERS)


def _answered(answer: Attachment) -> tuple[bool, str]:
    is_silent = answer.is_written or answer is Attachment.UNCHANGED
    note = "" if is_silent else f"cns: {answer.value}; a linha foi mantida sem ele."
    return answer is Attachment.ATTACHED, note
