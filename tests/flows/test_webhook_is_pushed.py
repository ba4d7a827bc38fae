"""Events of cards on their way to an operator's system: a real scheduler wakes a real worker, which pushes them over a
real connection, and again after a refusal. Nobody in this process pushes anything.
"""

import json
import time

import pytest
from celery import current_app

from cards.models import Delivery, Webhook
from cards.services import issue_cards
from cards.services.webhooks import set_webhook
from operators.context import operator_context
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory, UserFactory
from tests.processes import portal_process

PATIENCE = 90  # seconds


@pytest.fixture
def worker(transactional_db, tmp_path):
    """A worker that schedules as well; what other tests left at the broker is not its concern."""
    with current_app.connection_for_write() as broker:
        for queue in ("interactive", "lookups", "bulk"):
            broker.default_channel.client.delete(queue)
    schedule = f"--schedule={tmp_path / 'schedule'}"
    arguments = ["--pool=threads", "--concurrency=2", "--queues=interactive,lookups,bulk", "--without-mingle"]
    with portal_process("-m", "celery", "--app=cnsportal", "worker", "--beat", schedule, *arguments) as running:
        yield running


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_cards_are_told_by_scheduler_and_worker_and_once_more_after_a_refusal(receiver, worker):
    operator, receiver.answers = OperatorFactory(), 503
    with operator_context(operator.pk):
        set_webhook(receiver.url, actor=UserFactory())
        cards = issue_cards([ready_link().pk for _ in range(2)]).cards
        wait_for(lambda: receiver.got)
        receiver.answers = 204
        wait_for(lambda: Webhook.objects.get().position == 2)

        bodies = [json.loads(body) for _, body in receiver.got]
        told = [[event["tipo"] for event in body["eventos"]] for body in bodies]
        assert told == [["card.ready", "card.ready"]] * 2
        assert bodies[0] == bodies[1]
        assert receiver.events == [1, 2, 1, 2]
        assert len(cards) == 2
        tries = list(Delivery.objects.order_by("pk").values_list("first", "last", "status"))
        assert tries == [(1, 2, 503), (1, 2, 204)]
