"""Events pushed to a real server that takes them, refuses them, or is not there."""

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from threading import Event, Thread

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cards.models import Delivery, Webhook
from cards.services import issue_cards
from cards.services.webhooks import (
    RETRY_DELAYS_SECONDS,
    deliver_events,
    rewrap_webhook,
    set_webhook,
    sign,
    wake_webhook,
)
from operators.context import operator_context
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory, UserFactory


@pytest.fixture
def hooked(operator, receiver):
    """The operator, whose events go to the receiver; the secret."""
    return set_webhook(receiver.url, actor=UserFactory())


def issue(count=1):
    return issue_cards([ready_link().pk for _ in range(count)]).cards


def test_events_arrive_in_order_and_once(operator, receiver, hooked):
    issue(230)

    deliver_events()
    deliver_events()

    assert receiver.events == list(range(1, 231))
    assert [len(json.loads(body)["eventos"]) for _, body in receiver.got] == [100, 100, 30]
    taken = list(Delivery.objects.order_by("pk").values_list("first", "last", "status"))
    assert taken == [(1, 100, 204), (101, 200, 204), (201, 230, 204)]


def test_a_notice_is_signed_with_its_moment(operator, receiver, hooked):
    issue()
    deliver_events()

    headers, body = receiver.got[0]
    moment, signature = (part.partition("=")[2] for part in headers["Portal-Assinatura"].split(","))
    expected = hmac.new(hooked.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert (signature, abs(int(moment) - timezone.now().timestamp()) < 60) == (expected, True)


def test_the_signature_of_the_documentation_is_right():
    assert sign(b"segredo", 1767225600, b'{"eventos":[]}') == (
        "t=1767225600,v1=" + hmac.new(b"segredo", b'1767225600.{"eventos":[]}', hashlib.sha256).hexdigest()
    )


def test_a_notice_holds_no_number_and_no_name(operator, receiver, hooked):
    (card,) = issue()
    deliver_events()

    words = receiver.got[0][1].decode()
    person = card.beneficiary.person
    assert [secret in words for secret in (card.cns, card.face["cns"], person.cpf, person.name)] == [False] * 4
    assert json.loads(words)["eventos"][0]["codigoBeneficiario"] == card.beneficiary.code


@pytest.mark.parametrize("answer", [301, 400, 404, 500, 503])
def test_what_is_refused_is_sent_again_after_a_pause_and_then_the_next(operator, receiver, hooked, answer):
    issue()
    receiver.answers = answer
    deliver_events()
    deliver_events()
    refused = len(receiver.got)
    issue()
    receiver.answers = 200

    with time_machine.travel(timezone.now() + timedelta(seconds=RETRY_DELAYS_SECONDS[0] + 1)):
        deliver_events()

    assert (refused, receiver.events) == (1, [1, 1, 2])
    assert Webhook.objects.values_list("position", "failures").get() == (2, 0)


def test_pauses_grow_and_never_end(operator, receiver, hooked):
    issue()
    receiver.answers = 500
    waits, now = [], timezone.now()

    for _ in range(len(RETRY_DELAYS_SECONDS) + 1):
        with time_machine.travel(now, tick=False):
            deliver_events()
        hook = Webhook.objects.get()
        waits.append(round((hook.next_attempt_at - now).total_seconds()))
        now = hook.next_attempt_at + timedelta(seconds=1)

    assert waits == [*RETRY_DELAYS_SECONDS, RETRY_DELAYS_SECONDS[-1]]


def test_a_server_that_is_not_there_is_a_failure_like_another(operator, receiver, hooked):
    receiver.server.shutdown()
    receiver.server.server_close()
    issue()

    deliver_events()

    assert Delivery.objects.values_list("status", "reason").get() == (None, "ConnectionRefusedError")


INSIDE = ("http://127.0.0.1:{port}/x", "https://127.0.0.1/x", "https://localhost/x", "https://169.254.169.254/x")


@pytest.mark.parametrize("url", INSIDE)
def test_in_production_nothing_inside_is_reached(operator, receiver, settings, url):
    settings.DEVELOPMENT = False
    set_webhook(url.format(port=receiver.server.server_port), actor=UserFactory())
    issue()

    deliver_events()

    (tried,) = Delivery.objects.all()
    assert (tried.status, tried.reason in ("not https", "not a public host"), receiver.got) == (None, True, [])


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_send_the_same(receiver):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        set_webhook(receiver.url, actor=UserFactory())
        issue(3)
    receiver.hold = Event()

    def work():
        with operator_context(operator.pk):
            deliver_events()
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    receiver.hold.set()
    for worker in workers:
        worker.join()

    assert receiver.events == [1, 2, 3]


def test_a_worker_that_was_killed_is_waited_for_and_replaced(operator, receiver, hooked):
    issue()
    Webhook.objects.update(busy_until=timezone.now() + timedelta(seconds=15))

    deliver_events()
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        deliver_events()

    assert (receiver.events, Webhook.objects.get().busy_until) == ([1], None)


def test_a_worker_is_called_only_where_something_waits(operator, receiver, hooked, monkeypatch):
    sent = []
    monkeypatch.setattr("cards.services.webhooks.current_app.send_task", lambda *task, **_: sent.append(task))

    wake_webhook()
    issue()
    wake_webhook()
    deliver_events()
    wake_webhook()

    assert sent == [("cards.deliver_events",)]


def test_a_first_address_is_not_told_of_the_past(operator, receiver):
    issue()
    set_webhook(receiver.url, actor=UserFactory())
    issue()

    deliver_events()

    assert receiver.events == [2]


def test_a_secret_moved_to_another_operator_does_not_open(operator, receiver, hooked):
    issue()
    Webhook.objects.update(record="00000000-0000-0000-0000-000000000001")

    deliver_events()

    assert (receiver.got, "gere outro" in Delivery.objects.get().reason) == ([], True)


def test_the_secret_goes_under_the_new_key_with_everything_else(operator, receiver, hooked, settings, capsys):
    old = settings.CADSUS_KEKS
    settings.CADSUS_KEKS = {"novo": secrets.token_bytes(32), **old}

    call_command("rotate_kek", "--json")
    settings.CADSUS_KEKS = {"novo": settings.CADSUS_KEKS["novo"]}
    issue()
    deliver_events()

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["rewrapped"], figures["removable_keys"]) == (1, list(old))
    assert (receiver.events, rewrap_webhook().kept) == ([1], 1)
