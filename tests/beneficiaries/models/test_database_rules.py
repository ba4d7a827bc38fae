"""What PostgreSQL holds by itself, whoever writes."""

import random
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import cns_from_base, cns_from_prefix, cns_is_valid
from beneficiaries.domain.names import fold, normalise
from beneficiaries.models import Administrator, CnsNumber, Contract, Person, WaitingPeriod
from beneficiaries.sql.names import without_particles
from operators.context import operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, cns

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


LATIN = st.characters(codec="iso-8859-1", exclude_characters="\0") | st.characters(
    min_codepoint=0x100, max_codepoint=0x24F, categories=["L"]
)
NAME_WORDS = st.sampled_from(
    [
        *("D", "d'", "Dall", "DELL", "SANT", "Sant’", "ALL", "ELL", "E", "A", "de", "ÁVILA", "Anna", "Hora", "Lima"),
        *("JR", "Jr.", "Jnr", "JÚNIOR", "FO", "Fº", "NTO", "SOB", "SOBR.", "II", "III", "Groß", "ʼ", "‘", "-"),
        *("Jo\u0303ao", "Sil\u200bva"),
    ]
)
NAMES = st.lists(NAME_WORDS, max_size=6).map(" ".join) | st.lists(NAME_WORDS, max_size=4).map("".join)


@settings(max_examples=30)
@given(names=st.lists(NAMES | st.text(LATIN, max_size=40), min_size=50, max_size=100))
def test_the_database_and_the_program_fold_names_alike(in_the_database, names):
    assert in_the_database(names) == [fold(name) for name in names]


def test_the_database_and_the_program_leave_out_the_same_particles(db):
    names = ["Maria da Silva e Souza", "de", "DA DE DO", "E DE LIMA", "ANA DAS DORES DOS REIS", "DAVI E", "", "EDE DI"]

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {without_particles('fold_name(name)')} "
            "FROM unnest(%s) WITH ORDINALITY AS n (name, place) ORDER BY place",
            [names],
        )
        shortened = [name for (name,) in cursor.fetchall()]

    assert shortened == [normalise(name) for name in names]


def test_keys_of_an_earlier_folding_are_refolded(operator):
    person, other = PersonFactory(name="Ana d\u2018Ávila Jr."), PersonFactory(name="Ana Lima")
    Person.objects.filter(pk=person.pk).update(name_key="ANA D AVILA JR")

    with connection.cursor() as cursor:
        cursor.execute(import_module("beneficiaries.migrations.0009_fold_name").REFOLD)
        changed = cursor.rowcount

    keys = dict(Person.objects.values_list("pk", "name_key"))
    assert (changed, keys) == (1, {person.pk: "ANA DAVILA JUNIOR", other.pk: "ANA LIMA"})


@pytest.fixture
def in_the_database(db):
    """What the database makes of names, in their order."""

    def folded(names):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT fold_name(name) FROM unnest(%s) WITH ORDINALITY AS n (name, place) ORDER BY place", [names]
            )
            return [name for (name,) in cursor.fetchall()]

    return folded


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


def test_a_group_of_procedures_has_one_waiting_period(operator):
    link = BeneficiaryFactory()
    term = {"operator": operator, "beneficiary": link, "group": "P", "unit": "D"}
    WaitingPeriod.objects.create(**term, amount=300)

    with pytest.raises(IntegrityError, match="waiting_group_once"):
        WaitingPeriod.objects.create(**term, amount=180)


@pytest.mark.parametrize(
    ("term", "rule"),
    [
        ({"group": "X", "amount": 24, "unit": "H"}, "waiting_group_known"),
        ({"group": "A", "amount": 0, "unit": "H"}, "waiting_term_given"),
        ({"group": "A", "amount": 24, "unit": "X"}, "waiting_term_given"),
    ],
)
def test_a_waiting_period_says_of_what_and_how_long(operator, term, rule):
    link = BeneficiaryFactory()

    with pytest.raises(IntegrityError, match=rule):
        WaitingPeriod.objects.create(operator=operator, beneficiary=link, **term)


def test_an_administrator_is_registered_once_with_each_operator(operator):
    other = OperatorFactory()
    Administrator.objects.create(operator=operator, cnpj="11222333000181")
    Administrator.objects.create(operator=other, cnpj="11222333000181")

    with pytest.raises(IntegrityError, match="administrator_cnpj_once"), transaction.atomic():
        Administrator.objects.create(operator=operator, cnpj="11222333000181")
    with operator_context(operator.pk):
        assert Administrator.objects.count() == 1


def test_the_database_takes_a_contract_for_none_of_a_sole_trader_where_nobody_says(operator):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO beneficiaries_contract (operator_id, kind, number) VALUES (%s, '2', 'C-1')", [operator.pk]
        )

    assert Contract.objects.get().sole_trader is False
