"""The list of cards as a file: what its page shows, in its order, in a constant number of queries."""

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary, CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from cards.models import Card
from cards.queries.eligibility import IssueBlocker
from cards.queries.filters import STATES
from cards.services import issue_cards
from operators.permissions import Role
from tests.exported_rows import names, rows
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in


def link(number, name):
    made = BeneficiaryFactory(whole=True, code=str(number), person__name=name)
    attach_cns([CnsOffer(made.person_id, cns(number), CnsSource.CADSUS, kind="D")])
    return made


@pytest.fixture
def links(operator):
    """One with a card, one that may have one, one without a CNS."""
    issued, ready = link(1, "Benedita Exemplo"), link(2, "Íris Exemplo")
    issue_cards([issued.pk])
    return issued, ready, BeneficiaryFactory(whole=True, code="3", person__name="Zulmira Exemplo")


def test_cards_are_told_as_their_page_tells_them(links):
    issued, ready, without = links
    card = Card.objects.get()

    assert rows("cards") == [
        (without.person.name, "", str(without.plan), "3", "", "", "", IssueBlocker.NO_CNS.label),
        (ready.person.name, "", str(ready.plan), "2", "", "", "", "pode ser emitido"),
        (
            issued.person.name,
            "",
            str(issued.plan),
            "1",
            "1ª via",
            "emitido",
            card.status_at,
            IssueBlocker.SAME_CARD.label,
        ),
    ]


@pytest.mark.parametrize("state", ["", *STATES])
def test_file_and_page_have_the_same_links(operator, links, state):
    page = signed_in(operator, Role.CONSULTA).get(
        reverse("cards:cards", args=[operator.registration]), {"situacao": state}
    )

    assert names(rows("cards", f"situacao={state}")) == [each.person.name for each, _ in page.context["rows"]]


def test_cards_are_narrowed_by_plan_and_contract(links):
    issued, ready, _ = links
    Beneficiary.objects.filter(pk=ready.pk).update(plan=issued.plan)
    contract = issued.contract.number

    assert names(rows("cards", f"plano={issued.plan_id}")) == [ready.person.name, issued.person.name]
    assert names(rows("cards", f"contrato={contract}&plano={issued.plan_id}")) == [issued.person.name]


@pytest.mark.parametrize("count", [1, 12])
def test_cards_take_the_same_number_of_queries_however_many_they_are(operator, count, django_assert_num_queries):
    for number in range(count):
        link(number + 1, "Benedita Exemplo")

    with django_assert_num_queries(3):
        assert len(rows("cards")) == count
