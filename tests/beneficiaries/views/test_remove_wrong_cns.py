"""“Este número não é desta pessoa”: what will happen is told before, asked for a reason, and done once."""

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.views.remove_wrong_cns import DONE
from cards.services import issue_cards
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def person(operator):
    person = PersonFactory()
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS, kind="D")])
    return person


def address(operator, person):
    number = person.cns_numbers.latest("pk")
    return reverse("beneficiaries:cns_remove", args=[operator.registration, person.pk, number.pk])


def test_the_persons_page_leads_a_reviewer_there_and_names_him_to_others(operator, person):
    page = reverse("beneficiaries:person", args=[operator.registration, person.pk])

    reviewer, clerk = (signed_in(operator, role).get(page) for role in (Role.REVISAO, Role.CADASTRO))

    assert address(operator, person) in reviewer.content.decode()
    assert address(operator, person) not in clerk.content.decode()
    assert "Se este número não for desta pessoa, o papel Revisão pode retirá-lo." in text_of(clerk)


def test_the_page_names_the_cards_that_show_the_number(operator):
    link = ready_link()
    issue_cards([link.pk])

    page = signed_in(operator, Role.REVISAO).get(address(operator, link.person))

    assert "o cartão (1ª via) emitido em" in text_of(page)
    assert reverse("cards:card", args=[operator.registration, link.pk]) in page.content.decode()


def test_the_persons_page_flags_the_card_that_shows_a_number_taken_away(operator):
    link = ready_link()
    issue_cards([link.pk])
    client = signed_in(operator, Role.REVISAO)
    page = reverse("beneficiaries:person", args=[operator.registration, link.person_id])
    before = text_of(client.get(page))

    after = text_of(client.post(address(operator, link.person), {"why": "pessoa"}, follow=True))

    assert "desatualizado" not in before
    assert "Sem CNS não sai cartão novo: o motivo está no alto desta página. desatualizado" in after


def test_notes_hold_no_number_of_anybody(operator, person):
    client = signed_in(operator, Role.REVISAO)

    response = client.post(address(operator, person), {"why": "pessoa", "note": "é o CPF 529.982.247-25"})

    assert response.status_code == 422
    assert "Não escreva CPF nem CNS aqui" in text_of(response)


def test_a_number_is_taken_away_for_a_reason(operator, person):
    client = signed_in(operator, Role.REVISAO)

    response = client.post(address(operator, person), {"why": "pessoa", "note": "ligou em 12/03"}, follow=True)

    event = AuditEvent.objects.get(kind="cns.disowned")
    page = text_of(response)
    assert (event.actor, event.personal["note"]) == (client.user, "A pessoa disse que não é dela. ligou em 12/03")
    assert DONE in page
    assert "Sem CNS. O número que estava aqui não é desta pessoa e foi retirado." in page
    assert "CNS retirado: não é desta pessoa ••• •••• •••• " + cns(1)[-4:] in page
    assert response.context["step"].label == "Consultar agora"


def test_without_a_reason_nothing_is_taken_away(operator, person):
    response = signed_in(operator, Role.REVISAO).post(address(operator, person), {"note": "sem motivo"})

    assert (response.status_code, person.cns_numbers.current().count()) == (422, 1)
    assert "Escolha o motivo." in text_of(response)


def test_taking_away_twice_says_so(operator, person):
    client, page = signed_in(operator, Role.REVISAO), address(operator, person)
    client.post(page, {"why": "engano"})

    response = client.post(page, {"why": "engano"}, follow=True)

    assert "O número já não era o atual desta pessoa: nada mudou." in text_of(response)
    assert "Este número já não é o atual desta pessoa" in text_of(client.get(page))


def test_taking_away_is_for_reviewers_of_the_operator_alone(operator, person):
    stranger, page = OperatorFactory(), address(operator, person)
    there = page.replace(operator.registration, stranger.registration)
    with outside_operator_context():
        abroad = signed_in(stranger, *Role).post(there, {"why": "engano"}).status_code
    others = [signed_in(operator, role) for role in Role if role is not Role.REVISAO]

    statuses = {other.post(page, {"why": "engano"}).status_code for other in others}

    assert (statuses, abroad, person.cns_numbers.current().count()) == ({403}, 404, 1)
