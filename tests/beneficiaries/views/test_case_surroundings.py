"""Beside the case: who else may be meant."""

from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.models import CnsNumber, CnsSource, Review
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.detach_cns import withdraw_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, PersonFactory, cns
from tests.pages import signed_in, text_of

BIRTH = date(2015, 6, 1)
MOTHER = "Joana das Dores"


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


@pytest.fixture
def child(operator):
    """In the family of Rosa, whose link the child's depends on."""
    holder = BeneficiaryFactory(person=PersonFactory(name="Rosa Exemplo", mother_name="Rita"))
    child = PersonFactory(name="Caso Exemplo", birth_date=BIRTH, mother_name=MOTHER)
    BeneficiaryFactory(person=child, holder=holder, relationship="04")
    open_reviews([ReviewCase(child.pk, cns(1), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])
    return child


def _shown(client, operator):
    return client.get(reverse("beneficiaries:reviews", args=[operator.registration]))


def test_nobody_beside_shows_nothing(operator, client):
    person = PersonFactory(mother_name="")
    open_reviews([ReviewCase(person.pk, cns(1), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])

    response = _shown(client, operator)

    assert (bool(response.context["beside"]), "Ao lado do caso" in text_of(response)) == (False, False)


def test_family_of_the_contract_is_shown(operator, client, child):
    response = _shown(client, operator)

    assert [link.person.name for link in response.context["beside"].family] == ["Rosa Exemplo"]
    assert "Família no contrato Rosa Exemplo" in text_of(response)


def test_twins_are_those_of_one_birth_date_and_one_mother(operator, client, child):
    twin = PersonFactory(birth_date=BIRTH, mother_name="JOANA DAS  DÔRES")
    PersonFactory(birth_date=BIRTH, mother_name="Outra Mãe")
    PersonFactory(birth_date=BIRTH, mother_name="")
    PersonFactory(birth_date=date(2015, 6, 2), mother_name=MOTHER)

    response = _shown(client, operator)

    assert response.context["beside"].twins == [twin]
    assert reverse("beneficiaries:person", args=[operator.registration, twin.pk]) in response.content.decode()


def test_who_has_and_who_had_the_number_is_shown_masked(operator, client, child):
    former, holder = PersonFactory(), PersonFactory()
    attach_cns([CnsOffer(former.pk, cns(1), CnsSource.IMPORT)])
    withdraw_cns([CnsNumber.objects.get(person=former).pk], origin="test")
    attach_cns([CnsOffer(holder.pk, cns(1), CnsSource.CADSUS)])

    response = _shown(client, operator)

    page = text_of(response)
    assert [number.person for number in response.context["beside"].holders] == [holder, former]
    assert "é desta pessoa desde" in page
    assert ": desfeito" in page
    assert [number in response.content.decode() for number in (cns(1), former.cpf, holder.cpf)] == [False] * 3


@pytest.mark.parametrize("size", [1, 4])
def test_queries_do_not_grow_with_those_beside(operator, client, child, size, django_assert_num_queries):
    holder = child.links.get().holder
    for _ in range(size):
        BeneficiaryFactory(holder=holder, relationship="04")
        PersonFactory(birth_date=BIRTH, mother_name=MOTHER)
        former = PersonFactory()
        attach_cns([CnsOffer(former.pk, cns(1), CnsSource.IMPORT)])
        withdraw_cns([CnsNumber.objects.get(person=former).pk], origin="test")
    assert Review.objects.count() == 1

    with django_assert_num_queries(16):
        _shown(client, operator)
