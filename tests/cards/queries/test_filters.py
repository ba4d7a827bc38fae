"""Lists of cards as clerks ask for them."""

import pytest

from beneficiaries.models import Beneficiary, Company, Contract
from cards.domain.lifecycle import CardState
from cards.models import Card
from cards.queries.filters import STATES, codes_in, in_state, in_words, links_of, narrowed
from cards.services import issue_cards, move_card
from operators.context import operator_context
from tests.cards.factories import give_cns, ready_link
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, PlanFactory


def keys(links):
    return set(links.values_list("pk", flat=True))


def carded(state=None):
    link = ready_link()
    (card,) = issue_cards([link.pk]).cards
    if state:
        move_card(card, state)
    return link


def test_every_state_finds_its_links(operator):
    ready, without = ready_link(), BeneficiaryFactory()
    gone = ready_link(cancelled_on="2024-01-01")
    issued, printed, delivered, lost = (
        carded(),
        carded(CardState.PRINTED),
        carded(CardState.DELIVERED),
        carded(CardState.LOST),
    )
    changed = carded()
    give_cns(changed.person)

    assert {state: keys(in_state(state)) for state in STATES} == {
        "emitiveis": {ready.pk, lost.pk, changed.pk},
        "mudaram": {changed.pk},
        "imprimir": {issued.pk, changed.pk},
        "entregar": {printed.pk},
        "emitidos": {issued.pk, printed.pk, delivered.pk, changed.pk},
        "impedidos": {without.pk},
        "incompletos": {without.pk},
        "cancelados": {gone.pk},
    }
    assert len(keys(in_state(""))) == Beneficiary.objects.count() == 8
    assert Card.objects.count() == 5


@pytest.fixture
def world(operator):
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Metalúrgica Ltda.")
    contract = Contract.objects.create(operator=operator, kind="2", number="C-9", company=company)
    there = BeneficiaryFactory(
        contract=contract, plan=PlanFactory(name="Ouro"), person=PersonFactory(city_code="355030")
    )
    BeneficiaryFactory(person=PersonFactory(city_code="330455"))
    return there


@pytest.mark.parametrize(
    "asked",
    [
        {"empresa": "11.222.333/0001-81"},
        {"empresa": "11222333"},
        {"empresa": "metal"},
        {"contrato": "C-9"},
        {"uf": "35"},
        {"municipio": "355030"},
        {"empresa": "metal", "uf": "35"},
    ],
)
def test_links_are_found_by_what_is_asked(world, asked):
    assert keys(narrowed(Beneficiary.objects.all(), asked)) == {world.pk}


def test_links_are_found_by_plan_and_nobody_by_what_does_not_meet(world):
    assert keys(narrowed(Beneficiary.objects.all(), {"plano": world.plan})) == {world.pk}
    assert keys(narrowed(Beneficiary.objects.all(), {"plano": world.plan, "uf": "33"})) == set()


def test_blanks_ask_for_everybody(world):
    assert len(keys(narrowed(Beneficiary.objects.all(), {"plano": None, "empresa": "", "uf": ""}))) == 2


def test_what_was_asked_is_told_in_words(world):
    asked = {"situacao": "mudaram", "plano": world.plan, "empresa": "metal", "uf": "35", "contrato": ""}

    assert in_words(asked) == "Mudaram desde a emissão, plano Ouro, empresa “metal”, SP"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("1\n2\r\n\n 3 ", ["1", "2", "3"]),
        ("1\n1\n2", ["1", "2"]),
        ("codigo;nome\n1;Ana\n2;Bia", ["1", "2"]),
        ("Matrícula\n007", ["007"]),
        ('"a;b";x\n2;y', ["a;b", "2"]),
        ("1\tx\n2,y", ["1", "2"]),
    ],
)
def test_codes_are_read_from_lines_and_from_the_first_column(text, codes):
    assert codes_in(text) == codes


def test_codes_of_no_link_are_given_back(db):
    with operator_context(OperatorFactory().pk):
        BeneficiaryFactory(code="B-1")
    with operator_context(OperatorFactory().pk):
        link = BeneficiaryFactory(code="A-1")

        links, unknown = links_of(["A-1", "B-1", "C-1"])

        assert (keys(links), unknown) == ({link.pk}, ["B-1", "C-1"])
