"""Numbers that two people claim: open cases and refusals, families told, two links of one person left alone."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource
from beneficiaries.queries import number_radar
from beneficiaries.queries.number_radar import count_shared_numbers, shared_numbers
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, PersonFactory, cns
from tests.pages import signed_in, text_of


def holder_of(number, **fields):
    person = PersonFactory(**fields)
    attach_cns([CnsOffer(person.pk, number, CnsSource.CADSUS)])
    return person


def claimed(number, **fields):
    """By an open case."""
    person = PersonFactory(**fields)
    open_reviews([ReviewCase(person.pk, number, CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])
    return person


def pairs():
    return [(row.holder.pk, row.person.pk, row.kinship) for row in shared_numbers(None)[0]]


def test_a_number_that_waits_for_another_is_found(operator):
    holder, other = holder_of(cns(1)), claimed(cns(1))
    claimed(cns(2))

    (row,) = shared_numbers(None)[0]

    assert (row.holder, row.person, row.number, row.verified, row.kinship) == (holder, other, cns(1), True, "")
    assert (row.review is not None, row.held) == (True, holder.cns_numbers.get().pk)
    assert count_shared_numbers() == 1


def test_a_number_that_was_refused_since_it_is_taken_is_found(operator):
    holder, other = holder_of(cns(1)), PersonFactory()
    attach_cns([CnsOffer(other.pk, cns(1), CnsSource.CADSUS)])

    assert pairs() == [(holder.pk, other.pk, "")]


def test_two_links_and_a_case_of_one_person_do_not_cry_wolf(operator):
    holder = holder_of(cns(1))
    BeneficiaryFactory.create_batch(2, person=holder)
    open_reviews([ReviewCase(holder.pk, cns(1), CnsSource.CNX, "B", "NAME_ABBREVIATED", "D", [])])

    assert pairs() == []


def test_a_number_that_its_holder_lost_is_nobodys(operator):
    holder = holder_of(cns(1))
    claimed(cns(1))
    attach_cns([CnsOffer(holder.pk, cns(2), CnsSource.CADSUS)])

    assert pairs() == []


@pytest.mark.parametrize(
    ("holds", "claims", "kinship"),
    [
        ({"name": "Marta Exemplo"}, {"mother_name": "MARTA EXEMPLO"}, "o número é da mãe"),
        ({"mother_name": "Marta Exemplo"}, {"name": "Marta Exemplo"}, "o número é de filho ou filha"),
    ],
)
def test_mother_and_child_are_told(operator, holds, claims, kinship):
    holder, other = holder_of(cns(1), **holds), claimed(cns(1), **claims)

    assert pairs() == [(holder.pk, other.pk, kinship)]


def test_people_of_one_family_are_told(operator):
    holder, other = holder_of(cns(1)), claimed(cns(1))
    link = BeneficiaryFactory(person=holder)
    BeneficiaryFactory(person=other, holder=link, relationship="4")

    assert pairs() == [(holder.pk, other.pk, "são do mesmo grupo familiar")]


def test_pages_show_each_once(operator, monkeypatch):
    monkeypatch.setattr(number_radar, "PAGE_SIZE", 2)
    others = []
    for index in range(3):
        holder_of(cns(index))
        others.append(claimed(cns(index)).pk)

    first, after = shared_numbers(None)
    second, end = shared_numbers(after)

    assert ([row.person.pk for row in (*first, *second)], end) == (others, None)


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_as_often_for_few_as_for_many_and_masks_numbers(operator, count, django_assert_num_queries):
    for index in range(count):
        holder_of(cns(index))
        claimed(cns(index))
    reader = signed_in(operator, Role.CONSULTA)

    with django_assert_num_queries(9):
        page = reader.get(reverse("beneficiaries:number_radar", args=[operator.registration]))

    assert cns(0) not in page.content.decode()


def test_acts_are_offered_to_who_may_do_them(operator):
    holder_of(cns(1))
    claimed(cns(1))
    page = reverse("beneficiaries:number_radar", args=[operator.registration])

    shown = {
        role: text_of(signed_in(operator, role).get(page)) for role in (Role.CONSULTA, Role.CADASTRO, Role.REVISAO)
    }

    acts = ("Decidir o caso", "Comparar", "Não é de quem tem")
    assert {role: [act in text for act in acts] for role, text in shown.items()} == {
        Role.CONSULTA: [False, False, False],
        Role.CADASTRO: [False, True, False],
        Role.REVISAO: [True, False, True],
    }
