"""A registry that is filled once and kept: people in every state, set by set, for what only reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from bench.files import REGISTRATION, registry_file
from bench.filling import fill, settle
from bench.registry import empty_operator
from beneficiaries.models import Person
from operators.context import operator_context
from operators.management.base import ensure_migrated
from operators.models import Operator


@contextmanager
def lasting(records: int) -> Iterator[Operator]:
    """The registry of this many links, as the run before left it, or made now."""
    ensure_migrated()
    operator = Operator.objects.filter(registration=REGISTRATION).first()
    if operator is None or not _is_whole(operator, records):
        operator = _made(records)
    with operator_context(operator.pk):
        yield operator


def _is_whole(operator: Operator, records: int) -> bool:
    return operator.legal_name == _name(records)


def _made(records: int) -> Operator:
    operator = empty_operator()
    with operator_context(operator.pk):
        fill(operator.pk, registry_file(records))
        _give_states(operator.pk)
        settle()
    Operator.objects.filter(pk=operator.pk).update(legal_name=_name(records))
    operator.refresh_from_db()
    return operator


def _name(records: int) -> str:
    """Written last: says that the registry is whole, and how large."""
    return f"Operadora de Medição {records}"


@transaction.atomic
def _give_states(operator_id: int) -> None:
    """Seven of ten have a CNS, most of them verified; of the others each reason has somebody, some of them few."""
    with connection.cursor() as cursor:
        for statement in (_NUMBERS, _UNTOLD, _ANSWERS, _REVIEWS, _EMAILS, _CANCELLED):
            cursor.execute(statement, {"operator": operator_id})
            cursor.execute("ANALYZE")
    assert Person.objects.exists()  # noqa: S101  (else nothing is measured)


_NUMBERS = """
    INSERT INTO beneficiaries_cnsnumber (operator_id, person_id, number, kind, source, verified, tier, evidence,
           attached_at, end_reason)
    SELECT %(operator)s, person.id, body || (11 - total %% 11), 'D', 'CNX', person.id %% 12 <> 0, 'A', '{}',
           now() - person.id %% 700 * interval '1 day', ''
      FROM (SELECT id, '7' || lpad((id * 7919 %% 9999999999973)::text, 13, '0') AS body
              FROM beneficiaries_person WHERE operator_id = %(operator)s AND id %% 10 < 7) person
     CROSS JOIN LATERAL (SELECT sum(substr(body, place, 1)::int * (16 - place)) AS total
                           FROM generate_series(1, 14) place) sums
     WHERE total %% 11 > 1
"""
_UNTOLD = """
    UPDATE beneficiaries_person SET cpf = CASE WHEN id %% 3 = 0 THEN NULL ELSE cpf END,
           mother_name = CASE WHEN id %% 5 = 0 THEN '' ELSE mother_name END
     WHERE operator_id = %(operator)s AND id %% 10 = 9 AND id %% 7 = 0
"""
_ANSWERS = """
    UPDATE beneficiaries_person
       SET cns_answer = CASE WHEN id %% 2 = 0 THEN 'NOT_FOUND' WHEN id %% 997 = 0 THEN 'RECORD_INACTIVE'
                             WHEN id %% 3 = 0 THEN 'SEVERAL' ELSE '' END,
           cns_question = CASE WHEN id %% 11 = 0 THEN 'QUEUED' WHEN id %% 13 = 0 THEN 'COULD_NOT_ASK' ELSE '' END,
           cns_refusal = CASE WHEN id %% 401 = 0 THEN 'OTHER_PERSON' WHEN id %% 9973 = 0 THEN 'INVALID' ELSE '' END
     WHERE operator_id = %(operator)s AND id %% 10 > 7
"""
_REVIEWS = """
    INSERT INTO beneficiaries_review (operator_id, person_id, number, kind, source, tier, reason, comparison, origin,
           status, opened_at, note)
    SELECT %(operator)s, id, '7' || lpad(id::text, 14, '0'), 'D', 'CADSUS', 'C', 'MOTHER_DIFFERS', '[]', 'bench',
           CASE WHEN id %% 3 = 0 THEN 'OPEN' ELSE 'DISMISSED' END, now() - id %% 90 * interval '1 day', ''
      FROM beneficiaries_person WHERE operator_id = %(operator)s AND id %% 250 = 7
"""
_EMAILS = """
    UPDATE beneficiaries_person SET email = 'pessoa' || id || '@example.invalid'
     WHERE operator_id = %(operator)s AND id %% 20 = 0
"""
_CANCELLED = """
    UPDATE beneficiaries_beneficiary SET cancelled_on = current_date - 30, cancellation_reason = '41'
     WHERE operator_id = %(operator)s AND id %% 9 = 0
"""
