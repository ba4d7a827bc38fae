import pytest
from django.urls import reverse

from beneficiaries.domain.identifiers import mask_cns, mask_cpf
from cards.models import Card
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.pages import signed_in, text_of


@pytest.fixture
def link(operator):
    return ready_link()


def seen(operator, link, day):
    address = reverse("cards:card_preview", args=[operator.registration, link.pk])
    return signed_in(operator, Role.CONSULTA).get(address, {"dia": day} if day is not None else {})


def test_in_2027_the_proposal_shows_the_cpf_in_place_of_the_cns_masked(operator, link):
    page = seen(operator, link, "01/01/2027")

    cns = link.person.cns_numbers.get().number
    masked = [mask_cns(cns).replace("*", "•"), mask_cpf(link.person.cpf).replace("*", "•")]
    assert page.context["seen"].differences == [
        ("Cartão Nacional de Saúde (CNS)", masked[0], ""),
        ("CPF – Cartão Nacional de Saúde", "", masked[1]),
    ]
    assert "Proposta, não em vigor" in text_of(page)
    assert (cns in page.content.decode(), link.person.cpf in page.content.decode()) == (False, False)
    assert Card.objects.count() == 0


def test_before_a_proposal_nothing_changes(operator, link):
    page = seen(operator, link, "31/12/2026")

    assert (page.context["seen"].differences, "Nada muda." in text_of(page)) == ([], True)


def test_a_person_without_cpf_could_have_no_such_card_and_the_page_says_why(operator, link):
    link.person.cpf = None
    link.person.save()

    page = seen(operator, link, "01/01/2027")

    assert [mending.sentence for mending in page.context["defects"]] == [
        "Falta “Número do CPF do beneficiário, em lugar do CNS”: informe no cadastro da pessoa."
    ]


@pytest.mark.parametrize(("day", "status"), [("31/02/2027", 422), ("amanhã", 422), ("", 422), (None, 200)])
def test_what_is_no_day_is_told(operator, link, day, status):
    page = seen(operator, link, day)

    assert (page.status_code, "seen" in page.context) == (status, False)


def test_the_picture_of_that_day_is_drawn(operator, link):
    client = signed_in(operator, Role.CONSULTA)
    address = [operator.registration, link.pk]

    drawn = client.get(reverse("cards:card_preview_picture", args=[*address, "2027-01-01", "frente"]))
    nothing = client.get(reverse("cards:card_preview_picture", args=[*address, "2027-02-31", "frente"]))

    assert (drawn.status_code, drawn["Content-Type"], nothing.status_code) == (200, "image/svg+xml", 404)
