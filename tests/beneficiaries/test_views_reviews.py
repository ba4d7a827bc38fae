"""The review desk: who waits, two people side by side, one decision after the other."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, Review
from beneficiaries.services import WantedCns, attach_cns
from beneficiaries.services.reviewing import ReviewCase, open_reviews
from operators.permissions import Role
from tests.factories import PersonFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def desk(operator):
    return reverse("beneficiaries:reviews", args=[operator.registration])


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


def _open(number=1):
    person = PersonFactory()
    comparison = [
        {"field": "cpf", "ours": person.cpf, "theirs": person.cpf, "agreement": "EQUAL"},
        {"field": "nascimento", "ours": "1984-02-29", "theirs": "1985-02-28", "agreement": "DIFFERENT"},
        {"field": "sexo", "ours": "3", "theirs": "", "agreement": "UNKNOWN"},
    ]
    open_reviews([ReviewCase(person.pk, cns(number), CnsSource.CADSUS, "B", "SURNAME_CHANGED", "D", comparison)])
    return Review.objects.get(person=person)


def _case(operator, review):
    return reverse("beneficiaries:review", args=[operator.registration, review.pk])


def test_desk_shows_the_case_that_waits_longest(client, desk):
    first, second, third = (_open(number) for number in (1, 2, 3))

    response = client.get(desk)

    assert response.context["case"] == first
    assert (response.context["following"], response.context["total"]) == ([second, third], 3)


def test_desk_without_cases_says_so(client, desk):
    assert "Tudo decidido" in text_of(client.get(desk))


def test_desk_shows_the_two_people_side_by_side(client, desk):
    review = _open()

    page = text_of(client.get(desk))

    cpf = f"•••.{review.person.cpf[3:6]}.{review.person.cpf[6:9]}-••"
    assert f"CPF {cpf} {cpf} igual" in page
    assert "Nascimento 29/02/1984 28/02/1985 diferente" in page
    assert "Sexo feminino não informado sem comparação" in page
    assert "CPF, nascimento e nome da mãe são iguais; o sobrenome mudou." in page


def test_desk_masks_the_number(client, desk):
    _open()

    page = client.get(desk).content.decode()

    assert (page.count(cns(1)), page.count(f"•••• {cns(1)[-4:]}")) == (0, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_desk_asks_the_same_number_of_queries_however_many_cases(client, desk, count, django_assert_num_queries):
    for number in range(count):
        _open(number + 1)

    with django_assert_num_queries(8):
        client.get(desk)


def test_accepting_attaches_the_number_and_goes_on(operator, client, desk):
    review = _open()

    response = client.post(
        _case(operator, review), {"decision": "accept", "note": "confirmado por telefone"}, follow=True
    )

    review.refresh_from_db()
    number = review.person.cns_numbers.get()
    assert (number.number, number.source, number.attached_by) == (cns(1), "REVIEW", client.user)
    assert (review.status, review.note) == (Review.Status.ACCEPTED, "confirmado por telefone")
    assert response.redirect_chain == [(desk, 302)]
    assert "Número aceito: vinculado." in text_of(response)


def test_dismissing_attaches_nothing(operator, client):
    review = _open()

    response = client.post(_case(operator, review), {"decision": "dismiss"}, follow=True)

    review.refresh_from_db()
    assert (review.status, review.person.cns_numbers.count()) == (Review.Status.DISMISSED, 0)
    assert "Número descartado." in text_of(response)


def test_deciding_twice_tells_that_somebody_was_faster(operator, client):
    review = _open()
    client.post(_case(operator, review), {"decision": "dismiss"})

    response = client.post(_case(operator, review), {"decision": "accept"}, follow=True)

    assert "Outra pessoa já decidiu este caso." in text_of(response)
    assert review.person.cns_numbers.count() == 0


def test_number_that_somebody_else_holds_leaves_the_case_open(operator, client):
    review = _open()
    attach_cns([WantedCns(PersonFactory().pk, cns(1), CnsSource.CADSUS)])

    response = client.post(_case(operator, review), {"decision": "accept"}, follow=True)

    review.refresh_from_db()
    assert review.status == Review.Status.OPEN
    assert "O número é de outra pessoa do cadastro." in text_of(response)


def test_no_decision_is_refused_in_a_sentence(operator, client):
    review = _open()

    response = client.post(_case(operator, review), {"decision": ""})

    assert (response.status_code, response.context["case"]) == (422, review)
    assert "Aceite ou descarte o número." in text_of(response)


def test_deciding_is_for_reviewers_alone(operator):
    review = _open()

    statuses = {
        role: signed_in(operator, role).post(_case(operator, review), {"decision": "dismiss"}).status_code
        for role in Role
        if role is not Role.REVISAO
    }

    review.refresh_from_db()
    assert (set(statuses.values()), review.status) == ({403}, Review.Status.OPEN)


def test_case_that_was_decided_is_not_shown_again(operator, client):
    review = _open()
    client.post(_case(operator, review), {"decision": "dismiss"})

    assert client.get(_case(operator, review)).status_code == 404
