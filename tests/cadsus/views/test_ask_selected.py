"""People chosen in their list are asked about: the ticked ones at once, all of a list after their number was shown."""

import pytest
from django.urls import reverse

from beneficiaries.models import Person
from cadsus.models import Lookup, Priority
from operators.context import operator_context
from operators.permissions import Role
from operators.views.pagination import PAGE_SIZE
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def ask(operator):
    return reverse("cadsus:ask_selected", args=[operator.registration])


@pytest.fixture
def people(operator):
    return reverse("beneficiaries:people", args=[operator.registration])


def asked():
    return set(Lookup.objects.values_list("person", flat=True))


def test_ticked_people_are_asked_about_and_the_list_is_as_it_was(clerk, ask, people):
    first, second, _third = (BeneficiaryFactory().person_id for _ in range(3))

    response = clerk.post(f"{ask}?cns=sem&ordem=-nome", {"pessoa": [first, second, "x", 999_999]}, follow=True)

    assert (asked(), response.redirect_chain[0][0]) == ({first, second}, f"{people}?cns=sem&ordem=-nome")
    assert "2 consultas estão na fila." in text_of(response)
    assert set(Lookup.objects.values_list("priority", flat=True)) == {Priority.INTERACTIVE}


def test_who_cannot_be_asked_about_is_told(clerk, ask):
    known = BeneficiaryFactory().person_id
    unknown = PersonFactory(cpf=None, mother_name="").pk

    response = clerk.post(ask, {"pessoa": [known, unknown]}, follow=True)

    assert asked() == {known}
    assert "1 consulta está na fila. 1 pessoa ficou de fora: falta o CPF" in text_of(response)


def test_a_person_in_the_queue_is_not_asked_about_twice(clerk, ask):
    person = BeneficiaryFactory().person_id

    for _ in range(2):
        clerk.post(ask, {"pessoa": [person]})

    assert Lookup.objects.count() == 1


def test_all_of_a_list_are_asked_about_after_their_number_was_shown(clerk, ask):
    for _ in range(PAGE_SIZE + 1):
        PersonFactory()
    linked = BeneficiaryFactory().person_id

    shown = clerk.post(f"{ask}?cns=sem", {"todas": "1", "pessoa": [linked]})
    nothing_yet = asked()
    clerk.post(f"{ask}?cns=sem", {"todas": "1", "confirmado": "1"})

    assert (f"{PAGE_SIZE + 2} pessoas" in text_of(shown), nothing_yet) == (True, set())
    assert asked() == set(Person.objects.values_list("pk", flat=True))
    assert set(Lookup.objects.values_list("priority", flat=True)) == {Priority.BACKLOG}


def test_all_of_a_search_are_those_that_it_finds(clerk, ask, operator):
    found = PersonFactory(name="Zuleica Exemplo").pk
    PersonFactory()
    search = reverse("beneficiaries:person_search", args=[operator.registration])
    query = clerk.post(search, {"q": "zuleica"}).url.partition("?")[2]

    clerk.post(f"{ask}?{query}", {"todas": "1", "confirmado": "1"})

    assert asked() == {found}


@pytest.mark.parametrize("query", ["?busca=0123456789abcdef01234567", ""])
def test_of_a_search_that_expired_and_of_nobody_ticked_nobody_is_asked_about(clerk, ask, query):
    BeneficiaryFactory()

    response = clerk.post(f"{ask}{query}", {"todas": "1", "confirmado": "1"} if query else {}, follow=True)

    assert asked() == set()
    assert "Ninguém foi escolhido." in text_of(response)


def test_people_of_another_operator_are_never_asked_about(clerk, ask):
    other = OperatorFactory()
    with outside_operator_context(), operator_context(other.pk):
        stranger = PersonFactory(operator=other).pk

    response = clerk.post(ask, {"pessoa": [stranger]}, follow=True)

    assert "Ninguém foi escolhido." in text_of(response)


@pytest.mark.parametrize("role", [Role.CONSULTA, Role.AUDITORIA])
def test_who_may_not_ask_sees_no_choice_and_is_refused(operator, ask, people, role):
    PersonFactory()
    reader = signed_in(operator, role)

    assert ("Escolher esta página" in text_of(reader.get(people)), reader.post(ask, {}).status_code) == (False, 403)


@pytest.mark.parametrize("count", [2, 30])
def test_a_selection_asks_the_database_as_often_for_few_as_for_many(clerk, ask, count, django_assert_num_queries):
    people = [BeneficiaryFactory().person_id for _ in range(count)]

    with django_assert_num_queries(12):
        clerk.post(ask, {"pessoa": people})
