"""The page of the webhook: set, tested, paused, by administrators only."""

import json

import pytest
from django.db import connection
from django.urls import reverse

from cards.models import CardEvent, Webhook
from cards.services import issue_cards
from cards.services.webhooks import (
    deliver_events,
    set_webhook,
)
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import UserFactory
from tests.pages import confirmed, signed_in, text_of


@pytest.fixture
def hooked(operator, receiver):
    """The operator, whose events go to the receiver; the secret."""
    return set_webhook(receiver.url, actor=UserFactory())


def issue(count=1):
    return issue_cards([ready_link().pk for _ in range(count)]).cards


def test_paused_nothing_is_sent_and_resumed_all_of_it(operator, receiver, hooked):
    client = signed_in(operator, Role.ADMINISTRACAO)
    address = reverse("cards:webhook_pause", args=[operator.registration])
    client.post(address, {"fazer": "pausar"})
    issue(2)
    deliver_events()
    before = list(receiver.got)

    client.post(address, {"fazer": "retomar"})
    deliver_events()

    assert (before, receiver.events) == ([], [1, 2])


def test_the_secret_is_shown_once_and_kept_sealed(operator, receiver):
    client = confirmed(signed_in(operator, Role.ADMINISTRACAO))
    address = reverse("cards:webhook_set", args=[operator.registration])

    page = client.post(address, {"url": receiver.url})

    secret = page.context["secret"]
    pages = [client.get(address), client.get(reverse("cards:webhook", args=[operator.registration]))]
    assert f'value="{secret}"' in page.content.decode()
    assert [secret in other.content.decode() for other in pages] == [False, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(hook)::text FROM cards_webhook AS hook")
        assert secret not in cursor.fetchone()[0]
    assert AuditEvent.objects.filter(kind="webhook.set").get().data == {"url": receiver.url}


def test_who_administers_tests_the_address(operator, receiver, hooked):
    client = signed_in(operator, Role.ADMINISTRACAO)
    address = reverse("cards:webhook_test", args=[operator.registration])

    well = text_of(client.post(address, follow=True))
    receiver.answers = 401
    badly = text_of(client.post(address, follow=True))

    assert (
        "O endereço respondeu 204" in well,
        "O endereço respondeu 401, e deve responder de 200 a 299." in badly,
    ) == (
        True,
        True,
    )
    assert [json.loads(body)["teste"] for _, body in receiver.got] == [True, True]
    assert (CardEvent.objects.count(), Webhook.objects.get().position) == (0, 0)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Informe o endereço."),
        ("nada", "Informe um endereço completo"),
        ("http://erp.example.com/", "O endereço deve começar com https://"),
        ("https://ana:segredo@erp.example.com/", "Tire do endereço o usuário e a senha"),
    ],
)
def test_an_address_that_cannot_be_is_refused_beside_its_field(operator, settings, url, sentence):
    settings.DEVELOPMENT = False
    client = confirmed(signed_in(operator, Role.ADMINISTRACAO))

    page = client.post(reverse("cards:webhook_set", args=[operator.registration]), {"url": url})

    assert (page.status_code, sentence in text_of(page), Webhook.objects.count()) == (422, True, 0)


def test_only_who_administers_comes_near(operator):
    clerk = signed_in(operator, Role.EMISSAO)

    names = ("webhook", "webhook_set", "webhook_test", "webhook_pause")
    answers = [clerk.get(reverse(f"cards:{name}", args=[operator.registration])).status_code for name in names]

    assert answers == [403] * 4
