from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from beneficiaries.models import Beneficiary
from cards.models import Card
from cards.services import issue_cards, void_card
from operators.context import operator_context
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory
from tests.pages import text_of


@pytest.fixture
def card(db):
    """A card as its holder shows it, outside any operator's context."""
    cache.clear()
    operator = OperatorFactory(trade_name="Saúde Exemplo")
    with operator_context(operator.pk):
        link = ready_link(person__name="Camila Martins de Carvalho")
        return issue_cards([link.pk]).cards[0]


def check(card):
    return Client().get(card.face.verification.removeprefix("http://127.0.0.1:8000"))


def test_the_qr_code_leads_to_a_page_that_says_the_card_counts(card):
    answer = check(card)

    page = text_of(answer)
    assert answer.status_code == 200
    assert [words in page for words in ("Cartão ativo", "C. M. C.", "Saúde Exemplo")] == [True] * 3


def test_the_page_says_nothing_that_is_nobodys_business(card):
    page = check(card).content.decode()

    person = Beneficiary._base_manager.select_related("person").get(pk=card.beneficiary_id).person
    assert [secret in page for secret in (card.cns, person.cpf, person.name, "Camila")] == [False] * 4


def test_a_voided_card_does_not_count(card):
    with operator_context(card.operator_id):
        void_card(card, reason="perdido")

    assert "Cartão não está ativo" in text_of(check(card))


def test_the_card_of_an_ended_link_does_not_count(card):
    Beneficiary._base_manager.filter(pk=card.beneficiary_id).update(cancelled_on=date(2026, 1, 1))

    assert "Cartão não está ativo" in text_of(check(card))


def test_a_code_that_nobody_gave_is_not_found(card):
    answer = Client().get("/v/" + "x" * 22)

    assert (answer.status_code, "Cartão não encontrado" in text_of(answer)) == (404, True)


def test_one_address_may_not_ask_without_end(card):
    answers = [Client().get("/v/" + "x" * 22).status_code for _ in range(31)]

    assert (answers[:30], answers[30]) == ([404] * 30, 429)
    assert Card._base_manager.count() == 1
