"""What PostgreSQL holds by itself, whoever writes."""

import random

import pytest
from django.db import IntegrityError, connection, transaction

from beneficiaries.identifiers import cns_from_base, cns_from_prefix, cns_is_valid
from beneficiaries.models import CnsNumber
from tests.factories import OperatorFactory, PersonFactory, cns

NEAR_MISSES = [
    "",
    "1",
    "000000000000000",
    "300000000000001",
    "1000000001900000",
    "10000000019000a",
    "１０００００００００１９００００",
]


def _numbers(seed: int):
    """Right ones of every kind, the same with one digit changed, and digits at random."""
    chance = random.Random(seed)
    for _ in range(2_000):
        base = str(chance.choice((1, 2))) + "".join(chance.choices("0123456789", k=10))
        prefix = chance.choice("789") + "".join(chance.choices("0123456789", k=13))
        number = chance.choice((cns_from_base(base), cns_from_prefix(prefix) or base))
        place = chance.randrange(len(number))
        yield from (number, number[:place] + chance.choice("0123456789") + number[place + 1 :])
        yield "".join(chance.choices("0123456789", k=15))


def test_the_database_and_the_program_agree_on_check_digits(db):
    numbers = [*NEAR_MISSES, *_numbers(1)]

    with connection.cursor() as cursor:
        cursor.execute("SELECT number, cns_is_valid(number) FROM unnest(%s) AS number", [numbers])
        answers = cursor.fetchall()

    assert answers == [(number, cns_is_valid(number)) for number in numbers]
    assert 1_500 < sum(valid for _, valid in answers) < 5_000


def test_the_database_hangs_no_number_on_a_person_of_another_operator(operator):
    stranger = OperatorFactory()
    person = PersonFactory()
    row = CnsNumber(operator=stranger, person=person, number=cns(1), source="CNX", verified=True)
    row.attached_at = person.created_at

    with pytest.raises(IntegrityError, match="cns_person_of_operator"):
        _save_and_check(row)


@transaction.atomic
def _save_and_check(row):
    """The key is checked when the transaction ends, which a test's never does."""
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
