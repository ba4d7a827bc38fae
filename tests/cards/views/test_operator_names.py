"""The operator's own names: who may change them, what cannot be, what the audit trail says of it."""

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary
from cards.queries.eligibility import outdated
from cards.services import issue_cards
from operators.models import AuditEvent, Operator
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.pages import signed_in, text_of

NAMES = {"legal_name": "Exemplo Vida  Assistência S.A.", "trade_name": "Exemplo Vida"}


@pytest.fixture
def address(operator):
    return reverse("cards:operator_names", args=[operator.registration])


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


def kept(operator):
    return Operator.objects.values_list("legal_name", "trade_name").get(pk=operator.pk)


def test_the_names_are_changed_on_record(operator, client, address):
    before = kept(operator)

    page = client.post(address, NAMES, follow=True)

    assert "Nomes gravados. Valem para os próximos cartões." in text_of(page)
    assert kept(operator) == ("Exemplo Vida Assistência S.A.", "Exemplo Vida")
    event = AuditEvent.objects.get(kind="operator.changed")
    assert event.actor_label == client.user.get_full_name()
    assert event.data == {
        "fields": ["legal_name", "trade_name"],
        "before": {"legal_name": before[0], "trade_name": before[1]},
        "after": {"legal_name": "Exemplo Vida Assistência S.A.", "trade_name": "Exemplo Vida"},
    }


def test_the_same_names_change_nothing(operator, client, address):
    client.post(address, NAMES)

    page = client.post(address, NAMES, follow=True)

    assert ("Nada mudou." in text_of(page), AuditEvent.objects.filter(kind="operator.changed").count()) == (True, 1)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"legal_name": " "}, "legal_name", "Informe a razão social."),
        ({"trade_name": ""}, "trade_name", "Informe o nome fantasia; se não houver, repita a razão social."),
        ({"trade_name": "Saúde <b>Vida</b>"}, "trade_name", "Um nome não tem < nem >, e não começa com =."),
        ({"legal_name": "=HYPERLINK(1)"}, "legal_name", "Um nome não tem < nem >, e não começa com =."),
        ({"trade_name": "E" * 101}, "trade_name", "O nome fantasia passa de 100 letras: abrevie."),
        ({"legal_name": "E" * 151}, "legal_name", "A razão social passa de 150 letras: abrevie."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_kept(
    operator, client, address, changes, field, sentence
):
    before = kept(operator)

    page = client.post(address, {**NAMES, **changes})

    assert (page.status_code, page.context["form"].errors, kept(operator)) == (422, {field: [sentence]}, before)
    assert f'id="id_{field}_error"' in page.content.decode()


def test_the_page_shows_the_registration_and_the_names(operator, client, address):
    page = client.get(address)

    assert page.context["form"].initial == {"legal_name": operator.legal_name, "trade_name": operator.trade_name}
    assert f"Registro na ANS {operator.registration}" in text_of(page)


def test_current_cards_have_changed_then(operator, client, address):
    link = ready_link()
    issue_cards([link.pk])

    client.post(address, NAMES)

    assert list(outdated(Beneficiary.objects.all())) == [link]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRACAO])
def test_only_the_administration_gets_there(operator, address, role):
    client = signed_in(operator, role)

    assert [client.get(address).status_code, client.post(address, NAMES).status_code] == [403, 403]
