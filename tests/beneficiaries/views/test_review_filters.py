"""The filters of the desk, kept from case to case."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, Review
from beneficiaries.services.reviews import ReviewCase, open_reviews
from operators.permissions import Role
from tests.factories import PersonFactory, cns
from tests.pages import signed_in, text_of

CNX = "?fonte=CNX"


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


@pytest.fixture
def desk(operator):
    return reverse("beneficiaries:reviews", args=[operator.registration])


def page_of(operator, case):
    return reverse("beneficiaries:review", args=[operator.registration, case.pk])


def opened(number, source):
    person = PersonFactory(mother_name="")
    open_reviews([ReviewCase(person.pk, cns(number), source, "B", "NAME_ABBREVIATED", "D", [])])
    return Review.objects.get(person=person)


@pytest.fixture
def cases(operator):
    """Of ANS the second and the fourth."""
    return [opened(number, source) for number, source in enumerate((CnsSource.CADSUS, CnsSource.CNX) * 2, 1)]


def test_filters_are_shown_with_counts_where_cases_differ(client, desk, cases):
    groups = client.get(desk).context["filter_groups"]

    assert [(group.title, [(f.label, f.count, f.href) for f in group.facets]) for group in groups] == [
        (
            "Origem",
            [
                ("Todas as origens", 4, desk),
                ("DATASUS (CadSUS)", 2, f"{desk}?fonte=CADSUS"),
                ("ANS (conferência CNX)", 2, f"{desk}?fonte=CNX"),
            ],
        )
    ]


def test_cases_that_are_all_alike_have_no_filters(client, desk, operator):
    opened(1, CnsSource.CNX)

    assert client.get(desk).context["filter_groups"] == []


def test_the_queue_is_narrowed(client, desk, cases):
    response = client.get(desk + CNX)

    assert (response.context["case"], response.context["following"]) == (cases[1], [cases[3]])
    assert response.context["total"] == 2


def test_the_filter_is_no_word_of_the_search(client, desk, cases):
    assert 'value="?fonte' not in client.get(desk + CNX).content.decode()


def test_links_of_a_case_stay_in_the_filter(operator, client, cases):
    page = client.get(page_of(operator, cases[1]) + CNX)

    shown = page.content.decode()
    assert (page.context["earlier"], page.context["later"]) == (None, cases[3])
    assert f'href="{page_of(operator, cases[3])}{CNX}"' in shown
    assert f'action="{page_of(operator, cases[1])}{CNX}"' in shown


@pytest.mark.parametrize("decision", ["accept", "dismiss"])
def test_a_decision_leads_to_the_next_case_of_the_filter(operator, client, cases, decision):
    response = client.post(page_of(operator, cases[1]) + CNX, {"decision": decision})

    assert response.headers["Location"] == page_of(operator, cases[3]) + CNX


def test_the_last_decision_of_a_filter_leads_to_a_page_that_says_so(operator, client, desk, cases):
    client.post(page_of(operator, cases[1]) + CNX, {"decision": "dismiss"})

    response = client.post(page_of(operator, cases[3]) + CNX, {"decision": "dismiss"}, follow=True)

    assert response.redirect_chain == [(desk + CNX, 302)]
    assert "Nenhum caso neste filtro" in text_of(response)
    assert f'href="{desk}">Ver todos' in response.content.decode()


def test_undoing_stays_in_the_filter(operator, client, cases):
    client.post(page_of(operator, cases[1]) + CNX, {"decision": "dismiss"})

    undone = client.post(reverse("beneficiaries:review_undo", args=[operator.registration, cases[1].pk]) + CNX)

    assert undone.headers["Location"] == page_of(operator, cases[1]) + CNX


def test_what_waits_for_a_second_person_is_found_from_the_dashboard(operator, client, desk, cases):
    Review.objects.filter(pk=cases[2].pk).update(tier="C")
    signed_in(operator, Role.REVISAO).post(page_of(operator, cases[2]), {"decision": "accept"})

    dashboard = client.get(reverse("operators:dashboard", args=[operator.registration]))

    (line,) = (line for line in dashboard.context["todo"] if line.item.name == "reviews")
    assert line.waiting.details == (("1 espera a segunda pessoa", f"{desk}?situacao=segunda"),)
    assert client.get(line.waiting.details[0][1]).context["case"] == cases[2]


def test_the_author_finds_proposals_again(operator, client, desk, cases):
    Review.objects.filter(pk=cases[2].pk).update(tier="C")
    client.post(page_of(operator, cases[2]), {"decision": "accept"})

    response = client.get(f"{desk}?situacao=minhas")

    assert (response.context["case"], response.context["is_own_proposal"]) == (cases[2], True)
    assert "1" in [str(f.count) for group in response.context["filter_groups"] for f in group.facets if f.current]
