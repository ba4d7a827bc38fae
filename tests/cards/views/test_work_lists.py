"""Lists of what is to be done are never stale for whoever just worked; others are spared the counting."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, Review
from beneficiaries.services.reviews import ReviewCase, open_reviews
from cards.services import issue_cards
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.EMISSAO, Role.REVISAO)


@pytest.fixture
def look(operator):
    """Links that the list says may be issued, and what the dashboard's tile says."""

    def at(client):
        page = client.get(reverse("cards:cards", args=[operator.registration]), {"situacao": "emitiveis"})
        board = client.get(reverse("operators:dashboard", args=[operator.registration]))
        tile = next(panel for panel in board.context["tiles"] if "issuable" in panel.context)
        return [link.pk for link, _ in page.context["rows"]], tile.context["issuable"]

    return at


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_who_issued_sees_at_once_that_nothing_is_left(clerk, look, committed):
    links = [ready_link() for _ in range(3)]
    before = look(clerk)

    with committed():
        issue_cards([link.pk for link in links], actor=clerk.user)

    assert before == ([link.pk for link in reversed(links)], 3)
    assert look(clerk) == ([], 0)


def test_who_accepted_a_number_sees_at_once_whose_card_may_be_issued(operator, clerk, look, committed):
    link = BeneficiaryFactory(whole=True)
    open_reviews([ReviewCase(link.person_id, cns(1), CnsSource.CNX, "B", "NAME_ABBREVIATED")])
    before = look(clerk)
    case = reverse("beneficiaries:review", args=[operator.registration, Review.objects.get().pk])

    with committed():
        clerk.post(case, {"decision": "accept"})

    assert (before, look(clerk)) == (([], 0), ([link.pk], 1))


def test_others_are_not_shown_what_somebody_issued_meanwhile(operator, clerk, look, committed):
    link = ready_link()
    colleague = signed_in(operator, Role.EMISSAO)
    look(colleague)

    with committed():
        issue_cards([link.pk], actor=clerk.user)

    assert look(colleague)[0] == []
