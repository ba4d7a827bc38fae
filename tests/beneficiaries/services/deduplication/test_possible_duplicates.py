"""The list of who may be one person: what is on it, what is not, and what it costs."""

from datetime import date

import pytest
from django.db import connection

from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.deduplication import possible_duplicates
from beneficiaries.services.deduplication.possible_duplicates import (
    SAME_NAME,
    SAME_NUMBER,
    decide_distinct,
    duplicates_of,
    newborns,
    same_name,
    same_number,
)
from operators.models import AuditEvent
from tests.factories import PersonFactory, UserFactory, cns

MARIA = {"name": "Maria Exemplo da Silva", "birth_date": date(1984, 2, 29), "mother_name": "Joana Exemplo"}
CHILD = {"name": "RN de Joana Exemplo", "birth_date": date(2026, 11, 20), "mother_name": "Joana Exemplo", "cpf": None}


def person(**told):
    return PersonFactory(**{**MARIA, **told})


def keys(page):
    return [{row.one.pk, row.other.pk} for row in page.rows]


def told(page):
    return [(row.verdict.answer.name, row.verdict.sentence) for row in page.rows]


@pytest.mark.parametrize(
    ("second", "answer"),
    [
        ({"cpf": None}, "SAME"),
        ({"cpf": None, "name": "MARIA EXEMPLO SILVA"}, None),
        ({"cpf": None, "mother_name": ""}, "POSSIBLE"),
        ({"cpf": None, "mother_name": "Outra Mulher"}, None),
        ({"cpf": None, "sex": "1"}, "POSSIBLE"),
        ({}, "POSSIBLE"),
        ({"mother_name": ""}, None),
        ({"birth_date": date(1990, 1, 1)}, None),
    ],
)
def test_people_of_one_name_and_birth_date_are_listed_as_the_rule_says(operator, second, answer):
    one, other = person(), person(**second)

    page = same_name(None)

    assert keys(page) == ([{one.pk, other.pk}] if answer else [])
    assert [row.verdict.answer.name for row in page.rows] == ([answer] if answer else [])


def test_newborns_are_listed_with_who_has_their_birth_date_and_mother(operator):
    child = PersonFactory(**CHILD)
    named = PersonFactory(**CHILD | {"name": "Pedro Exemplo"})
    PersonFactory(**CHILD | {"name": "Pedro Outro", "mother_name": "Rosa Exemplo"})
    PersonFactory(**CHILD | {"name": "Lia Exemplo", "birth_date": date(2026, 11, 21)})

    assert keys(newborns(None)) == [{child.pk, named.pk}]


def test_twins_whose_dn_differ_are_not_listed(operator):
    for dn in ("30111111111", "30222222222"):
        PersonFactory(**CHILD, dn=dn)

    assert (keys(newborns(None)), keys(same_name(None))) == ([], [])


def test_two_people_of_whom_one_number_was_told_are_listed(operator):
    one, other = PersonFactory(name="Ana Exemplo"), PersonFactory(name="Bia Exemplo")
    for somebody in (one, other):
        attach_cns([CnsOffer(somebody.pk, cns(1), CnsSource.IMPORT, verified=False)])

    page = same_number(None)

    assert (keys(page), told(page)) == ([{one.pk, other.pk}], [("POSSIBLE", "O CNS é o mesmo.")])
    assert [double.other for double in duplicates_of(one)] == [other]
    assert [double.other for double in duplicates_of(Person.objects.get(pk=other.pk))] == [one]


def test_a_pair_of_two_people_stays_decided(operator):
    one, other = person(), person(cpf=None)

    first = decide_distinct(other.pk, one.pk, reason="primas, com RG", actor=UserFactory())
    again = decide_distinct(one.pk, other.pk, reason="de novo", actor=UserFactory())

    assert (first, again, keys(same_name(None)), duplicates_of(one)) == (True, False, [], [])
    events = AuditEvent.objects.filter(kind="people.distinct").order_by("person_id")
    assert [(event.person_id, event.personal) for event in events] == [
        (one.pk, {"reason": "primas, com RG"}), (other.pk, {"reason": "primas, com RG"}),
    ]  # fmt: skip


def test_pages_follow_each_other_to_the_end(operator, monkeypatch):
    monkeypatch.setattr(possible_duplicates, "BATCH_SIZE", 2)
    for at in range(5):
        for _ in range(2):
            person(name=f"Maria {'ABCDE'[at]} Exemplo", cpf=None)

    names, after = [], None
    for _ in range(3):
        page = same_name(after)
        names += [row.one.name for row in page.rows]
        after = page.after

    assert (names, after) == ([f"Maria {letter} Exemplo" for letter in "ABCDE"], None)


@pytest.mark.parametrize("find", [same_name, newborns, same_number])
def test_a_page_asks_the_database_as_often_for_few_as_for_many(operator, django_assert_num_queries, find):
    def fill(many):
        for _ in range(many):
            person(cpf=None)
            PersonFactory(**CHILD)
            PersonFactory(**CHILD | {"name": "Pedro Exemplo"})
            Person.objects.filter(pk=person().pk).update(cns_refusal="TAKEN", cns_refused_number=cns(1))

    attach_cns([CnsOffer(person().pk, cns(1), CnsSource.CADSUS)])
    queries = {same_name: 5, newborns: 5, same_number: 4}[find]
    for many in (1, 6):
        fill(many)
        with django_assert_num_queries(queries):
            assert find(None).rows


@pytest.mark.parametrize(("statement", "index"), [(SAME_NAME, "person_identity"), (SAME_NUMBER, "cns_")])
def test_pairs_are_found_along_an_index(operator, statement, index):
    about = {"operator": operator.pk, "name": "", "birth": date.min, "limit": 50, "taken": "TAKEN", "after": 0}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # rows come in the order of the index, however few there are
        cursor.execute(f"EXPLAIN {statement}", about)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert index in plan
    assert "Seq Scan" not in plan


def test_many_people_of_one_name_are_spread_over_pages(operator):
    births = [date(1990, 1, 1 + group) for group in range(3)]
    for birth in births:
        for _ in range(12):  # 66 pairs of each
            person(cpf=None, birth_date=birth)

    pages = [page := same_name(None)]
    while page.after:
        pages.append(page := same_name(page.after))

    assert [{row.one.birth_date for row in page.rows} for page in pages if page.rows] == [{birth} for birth in births]
    assert [len(page.rows) for page in pages if page.rows] == [66, 66, 66]
