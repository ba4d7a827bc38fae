from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from beneficiaries.models import Beneficiary
from cards.domain import check_code
from cards.models import Card
from cards.services import issue, issue_cards, void_card
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
        link = ready_link(person__name="Camila Martins de Carvalho", code="00A-7.731", plan__name="Plano Aurora")
        return issue_cards([link.pk]).cards[0]


def check(card):
    return Client().get(card.face.verification.removeprefix("http://127.0.0.1:8000"))


def type_in(code, tail, **options):
    return Client(**options).post("/v/", {"code": code, "tail": tail})


def test_the_qr_code_leads_to_a_page_that_says_the_card_counts(card):
    answer = check(card)

    page = text_of(answer)
    assert answer.status_code == 200
    assert [words in page for words in ("Cartão ativo", "C. M. C.", "Saúde Exemplo", "Plano Aurora")] == [True] * 4


def test_the_short_code_and_the_end_of_the_registration_lead_to_the_same_page(card):
    answers = [type_in(check_code.shown(card.check_code), tail) for tail in ("7731", "77-31", "a7731")]

    assert [text_of(answer) for answer in answers] == [text_of(check(card))] * 3


def test_the_pages_say_nothing_that_is_nobodys_business(card):
    pages = [check(card).content.decode(), type_in(card.check_code, "7731").content.decode()]

    person = Beneficiary._base_manager.select_related("person").get(pk=card.beneficiary_id).person
    secrets = (card.cns, card.face["cns"], person.cpf, person.name, "Camila", "00A-7.731", card.face["birth_date"])
    assert [[secret in page for secret in secrets] for page in pages] == [[False] * len(secrets)] * 2


def test_the_pages_stay_in_no_cache(card):
    answers = [check(card), Client().get("/v/"), type_in(card.check_code, "7731"), type_in("", "")]

    assert ["no-store" in answer["Cache-Control"] for answer in answers] == [True] * 4


def test_a_voided_card_does_not_count(card):
    with operator_context(card.operator_id):
        void_card(card, reason="perdido")

    assert "Cartão não está ativo" in text_of(check(card))
    assert "Cartão não está ativo" in text_of(type_in(card.check_code, "7731"))


def test_the_card_of_an_ended_link_does_not_count(card):
    Beneficiary._base_manager.filter(pk=card.beneficiary_id).update(cancelled_on=date(2026, 1, 1))

    assert "Cartão não está ativo" in text_of(check(card))


def test_a_code_that_nobody_gave_is_not_found(card):
    answer = Client().get("/v/" + "x" * 22)

    assert (answer.status_code, "Cartão não encontrado" in text_of(answer)) == (404, True)


def test_a_wrong_registration_and_an_unknown_code_are_answered_alike(card):
    unknown = next(code for code in iter(check_code.generate, None) if code != card.check_code)

    wrong, none = type_in(card.check_code, "7732"), type_in(unknown, "7731")

    assert (wrong.status_code, text_of(wrong)) == (none.status_code, text_of(none)) == (404, text_of(none))


@pytest.mark.parametrize(
    ("code", "tail", "sentence"),
    [
        ("", "7731", "Digite o código que está junto do QR Code."),
        ("ABC", "7731", "O código tem 10 caracteres, e aqui há 3. Confira no cartão."),
        ("22222-22223", "7731", "Há um caractere trocado: o código não tem 0, 1, I, L nem O. Confira no cartão."),
        ("22222-22222", "", "Digite os últimos 4 caracteres da matrícula."),
        ("22222-22222", "--", "Digite as letras e os números do fim da matrícula."),
    ],
)
def test_what_was_typed_wrong_is_said_beside_its_field(db, code, tail, sentence):
    answer = type_in(code, tail)

    assert (answer.status_code, sentence in text_of(answer)) == (422, True)


def test_one_address_may_not_ask_without_end(card):
    answers = [Client().get("/v/" + "x" * 22).status_code for _ in range(31)]

    assert (answers[:30], answers[30]) == ([404] * 30, 429)
    assert Card._base_manager.count() == 1


def test_one_address_may_type_less_than_it_may_scan(card):
    answers = [type_in(check_code.generate(), "7731").status_code for _ in range(11)]

    assert (answers[:10], answers[10], check(card).status_code) == ([404] * 10, 429, 200)


def test_the_registration_of_one_code_cannot_be_tried_from_many_addresses(card):
    answers = [type_in(card.check_code, f"{number:04}", REMOTE_ADDR=f"192.0.2.{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [404] * 10 + [429]


def test_a_header_that_the_client_made_up_does_not_make_another_address_of_it(card):
    answers = [
        Client().get("/v/" + "x" * 22, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(31)
    ]

    assert answers[30] == 429


def test_a_code_that_a_card_has_is_drawn_anew(card, monkeypatch):
    drawn = iter([card.check_code, "2222222222", "2222222222", "3333333333"])
    monkeypatch.setattr(issue, "generate", lambda: next(drawn))
    with operator_context(card.operator_id):
        links = [ready_link().pk, ready_link().pk]

        cards = issue_cards(links).cards

    assert {new.check_code for new in cards} == {"2222222222", "3333333333"}
    assert [new.face.check_code for new in cards] == [new.check_code for new in cards]
