"""What PostgreSQL holds by itself, whoever writes."""

import json
import random
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.domain.field_comparison import Agreement, FieldComparison
from beneficiaries.domain.identifiers import (
    cns_from_base,
    cns_from_prefix,
    cns_is_valid,
    cpf_from_base,
    cpf_is_valid,
)
from beneficiaries.domain.names import PARTICLES, fold, normalise
from beneficiaries.models import Administrator, CnsNumber, Contract, Person, WaitingPeriod
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


CPF_NEAR_MISSES = [
    "",
    "1",
    "1114447773",
    "111444777350",
    "1114447773a",
    "11144477735\n",
    "１１１４４４７７７３５",
    *(digit * 11 for digit in "0123456789"),
]


def _cns_numbers(seed: int):
    """Right ones of every kind, the same with one digit changed, and digits at random."""
    chance = random.Random(seed)
    for _ in range(2_000):
        base = str(chance.choice((1, 2))) + "".join(chance.choices("0123456789", k=10))
        prefix = chance.choice("789") + "".join(chance.choices("0123456789", k=13))
        number = chance.choice((cns_from_base(base), cns_from_prefix(prefix) or base))
        yield from (number, _with_a_slip(number, chance), "".join(chance.choices("0123456789", k=15)))


def _cpf_numbers(seed: int):
    """Right ones, the same with one digit changed, and digits at random."""
    chance = random.Random(seed)
    for _ in range(2_000):
        number = cpf_from_base("".join(chance.choices("0123456789", k=9)))
        yield from (number, _with_a_slip(number, chance), "".join(chance.choices("0123456789", k=11)))


def _with_a_slip(number, chance):
    place = chance.randrange(len(number))
    return number[:place] + chance.choice("0123456789") + number[place + 1 :]


@pytest.mark.parametrize(
    ("function", "rule", "numbers"),
    [
        ("cns_is_valid", cns_is_valid, [*NEAR_MISSES, *_cns_numbers(1)]),
        ("cpf_is_valid", cpf_is_valid, [*CPF_NEAR_MISSES, *_cpf_numbers(1)]),
    ],
    ids=["CNS", "CPF"],
)
def test_the_database_and_the_program_agree_on_check_digits(db, function, rule, numbers):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number, {function}(number) FROM unnest(%s) WITH ORDINALITY AS n (number, place) ORDER BY place",
            [numbers],
        )
        answers = cursor.fetchall()

    assert answers == [(number, rule(number)) for number in numbers]
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


@settings(max_examples=30)
@given(names=st.lists(NAMES, min_size=50, max_size=100))
def test_the_database_and_the_program_leave_out_the_same_particles(in_the_database, names):
    named = [*names, *PARTICLES, "DA DE DO", "E DE LIMA", "ANA DAS DORES DOS REIS", "DAVI E", "", "EDE DI", "DADO DAS"]

    assert in_the_database(named, "name_without_particles(fold_name(name))") == [normalise(name) for name in named]


ACCENTS_AND_CASE = [
    "José da Conceição",
    "JOSÉ DA CONCEIÇÃO",
    "JOSE DA CONCEICAO",
    "josé da conceicao",
    "Jose Da Conceicão",
]


@settings(max_examples=20)
@given(names=st.lists(NAMES | st.text(LATIN, max_size=12), min_size=5, max_size=30))
def test_what_the_database_takes_for_alike_is_so_to_the_program(db, names):
    every = [*names, *map(str.upper, names), *map(fold, names), *ACCENTS_AND_CASE]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT one, other FROM unnest(%(every)s) AS a (one), unnest(%(every)s) AS b (other)"
            " WHERE NOT is_spelled_unlike(one, other)",
            {"every": every},
        )
        alike = set(cursor.fetchall())

    assert {(one, other) for one, other in alike if fold(one) != fold(other)} == set()
    assert {(one, other) for one in ACCENTS_AND_CASE for other in ACCENTS_AND_CASE} <= alike


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(NAMES, NAMES) | st.tuples(NAMES, st.just("")), min_size=10, max_size=30))
def test_the_database_and_the_program_write_a_compared_field_alike(db, pairs):
    pairs = [*pairs, ("", ""), *((one, one) for one, _ in pairs), *((other, one) for one, other in pairs)]
    ours, theirs = map(list, zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT compared_field('nome', ours, theirs)"
            " FROM unnest(%s, %s) WITH ORDINALITY AS pair (ours, theirs, place) ORDER BY place",
            [ours, theirs],
        )
        written = [json.loads(text) for (text,) in cursor.fetchall()]

    agreements = [Agreement.EQUAL if one and other else Agreement.UNKNOWN for one, other in pairs]
    assert written == [
        FieldComparison("nome", *pair, agreement).as_json() for pair, agreement in zip(pairs, agreements, strict=True)
    ]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("cpf_is_valid(cpf)", "substr("),
        ("name_without_particles(name_key)", "regexp_replace("),
        ("is_spelled_unlike(name, mother_name)", "translate("),
        ("compared_field('nascimento', birth_date::text, birth_date::text)", "to_json("),
    ],
)
def test_what_the_database_computes_for_every_row_is_no_call(db, call, text):
    """PostgreSQL puts the text of the function in its place."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (VERBOSE) SELECT {call} FROM beneficiaries_person")
        plan = "".join(line for (line,) in cursor.fetchall())

    assert (text in plan, call.partition("(")[0] in plan) == (True, False)


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

    def folded(names, function="fold_name(name)"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {function} FROM unnest(%s) WITH ORDINALITY AS n (name, place) ORDER BY place", [names]
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
