"""Whom the header's search box finds while somebody types, without a trace in an address."""

import pytest
from django.urls import reverse

from beneficiaries.views import suggestions
from cnsportal.web.rate_limits import RateLimit
from operators.permissions import Role
from tests.factories import PersonFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def typed(operator):
    client = signed_in(operator, Role.CONSULTA)
    address = reverse("beneficiaries:person_suggestions", args=[operator.registration])
    return lambda text: client.post(address, {"q": text}, headers={"HX-Request": "true"})


def test_people_are_offered_with_what_tells_them_apart(typed):
    found = PersonFactory(name="Benedita Exemplo", birth_date="1984-05-02", mother_name="Zulmira Exemplo")
    PersonFactory(name="Ana Exemplo")

    response = typed("benedita")

    assert [person.pk for person in response.context["people"]] == [found.pk]
    assert "Benedita Exemplo 02/05/1984 mãe: Zulmira Exemplo" in text_of(response)
    assert (found.cpf in response.content.decode(), "1 pessoa. Seta" in text_of(response)) == (False, True)


def test_no_more_are_offered_than_can_be_seen(typed):
    PersonFactory.create_batch(suggestions.MAX_SUGGESTED + 1, name="Maria Exemplo")

    response = typed("maria")

    assert len(response.context["people"]) == suggestions.MAX_SUGGESTED
    assert "Ver todas as 9 pessoas" in text_of(response)


@pytest.mark.parametrize("count", [1, 5])
def test_it_asks_the_same_number_of_queries_however_many_are_found(typed, count, django_assert_num_queries):
    PersonFactory.create_batch(count, name="Maria Exemplo")

    with django_assert_num_queries(9):
        typed("maria")


@pytest.mark.parametrize("text", ["", "ma", "a" * 151])
def test_too_little_and_too_much_find_nobody(typed, text):
    PersonFactory(name="Maria Exemplo")

    assert text_of(typed(text)) == ""


def test_who_asks_more_often_than_anybody_types_has_to_wait(typed, monkeypatch):
    monkeypatch.setattr(suggestions, "TYPED", RateLimit("person-typed-test", 1, 3600))
    typed("maria")

    response = typed("maria")

    assert (response.status_code, "Espere um minuto." in text_of(response)) == (429, True)
