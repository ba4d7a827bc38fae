"""Pages of a long list: forwards, backwards, by any order, whatever comes or goes between two looks."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from beneficiaries.models import Person
from operators.permissions import Role
from operators.views.pagination import NEWEST_FIRST, OLDEST_FIRST, Order, keyset_page
from tests.factories import PersonFactory
from tests.pages import signed_in, text_of

BY_BIRTH = Order("birth_date", "-pk")


@pytest.fixture
def people(operator):
    """Seven, of whom several were born on one day."""
    days = ["1990-01-01", "1980-01-01", "1990-01-01", "1970-01-01", "1990-01-01", "1980-01-01", "2000-01-01"]
    return [PersonFactory(birth_date=day) for day in days]


def page_at(address, order=NEWEST_FIRST, size=3, rows=None):
    request = RequestFactory().get(address or "/")
    return keyset_page(request, Person.objects.all() if rows is None else rows, order, size=size)


def walk(order):
    """All pages forwards, then back to the first one."""
    page = page_at("", order)
    forwards = [page]
    while page.next:
        page = page_at(page.next, order)
        forwards.append(page)
    backwards = [page]
    while page.previous:
        page = page_at(page.previous, order)
        backwards.append(page)
    return forwards, backwards[::-1]


def keys(pages):
    return [[row.pk for row in page.rows] for page in pages]


@pytest.mark.parametrize(
    ("order", "sorted_by"),
    [
        (NEWEST_FIRST, lambda person: -person.pk),
        (OLDEST_FIRST, lambda person: person.pk),
        (BY_BIRTH, lambda person: (person.birth_date, -person.pk)),
    ],
)
def test_pages_lead_forwards_and_back_through_every_row_once(people, order, sorted_by):
    every = [person.pk for person in sorted(people, key=sorted_by)]

    forwards, backwards = walk(order)

    assert keys(forwards) == [every[:3], every[3:6], every[6:]]
    assert keys(backwards) == keys(forwards)
    assert [(page.number, page.pages, page.total) for page in forwards] == [(1, 3, 7), (2, 3, 7), (3, 3, 7)]


def test_the_first_page_leads_nowhere_back_and_the_last_nowhere_on(people):
    (first, middle, last), _ = walk(NEWEST_FIRST)

    assert (first.first, first.previous, last.next) == ("", "", "")
    assert (middle.first, last.first) == ("/", "/")


def test_a_row_that_left_the_list_still_says_where_the_next_page_begins(people):
    page = page_at("", BY_BIRTH)
    others = Person.objects.exclude(pk=page.rows[-1].pk)

    following = page_at(page.next, BY_BIRTH, rows=others)

    assert [row.pk for row in following.rows] == keys(walk(BY_BIRTH)[0])[1]


@pytest.mark.parametrize("query", ["depois=99999999", "depois=x", "antes=x", "antes=-1"])
def test_an_address_that_names_no_row_shows_the_first_page(people, query):
    assert keys([page_at(f"/?{query}", BY_BIRTH)]) == keys(walk(BY_BIRTH)[0])[:1]


def test_going_back_onto_a_page_that_is_not_full_shows_the_first_page(people):
    second = keys(walk(NEWEST_FIRST)[0])[1]

    page = page_at(f"/?antes={second[0] + 1}")

    assert (keys([page]), page.previous) == (keys(walk(NEWEST_FIRST)[0])[:1], "")


def test_the_list_of_people_is_sorted_by_its_columns(operator, people):
    client = signed_in(operator, Role.CONSULTA)
    address = reverse("beneficiaries:people", args=[operator.registration])

    born = client.get(address, {"ordem": "-nascimento"})

    rows = born.context["page"].rows
    assert [row.pk for row in rows] == [
        person.pk for person in sorted(people, key=lambda person: (person.birth_date, person.pk), reverse=True)
    ]
    heads = born.context["heads"]
    assert (heads["nascimento"].direction, heads["nome"].direction) == ("descending", "")
    assert (heads["nascimento"].href, heads["nome"].href) == (f"{address}?ordem=nascimento", address)
    assert 'aria-sort="descending"' in born.content.decode()


def test_the_pager_tells_which_page_it_is(operator):
    client = signed_in(operator, Role.CONSULTA)
    PersonFactory.create_batch(51)
    address = reverse("beneficiaries:people", args=[operator.registration])

    first = client.get(address)
    second = client.get(first.context["page"].next)

    assert "51 pessoas, página 1 de 2" in text_of(first)
    assert "51 pessoas, página 2 de 2 Início Página anterior" in text_of(second)
