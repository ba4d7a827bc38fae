"""A worker killed by SIGKILL in the middle of a batch of cards: the next one ends it as if nothing had been."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone
from pypdf import PdfReader

from cards.models import Card, CardBatch
from cards.services import process_batch, reprint_batch, start_batch
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory
from tests.paths import ROOT

LINKS = 12
PATIENCE = 60  # seconds

WORKER = """
import sys, django
django.setup()
from django.conf import settings
from cards.services import batches
from operators.context import operator_context
settings.MEDIA_ROOT = sys.argv[3]
batches.STEP_CARDS = 1
with operator_context(int(sys.argv[1])):
    batches.process_batch(int(sys.argv[2]))
"""


def worker(operator, batch, files):
    address = configured.DATABASE_URL.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(operator.pk), str(batch.pk), str(files)],
        env={
            **os.environ,
            "DATABASE_URL": address,
            "REDIS_URL": configured.REDIS_URL,
            "DJANGO_SETTINGS_MODULE": "cnsportal.settings",
        },
        cwd=ROOT,
    )


def wait_for(count):
    deadline = time.monotonic() + PATIENCE
    while Card.objects.count() < count:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def content(batch):
    with CardBatch.objects.get(pk=batch.pk).file.open("rb") as file:
        return file.read()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("issued", [1, 6, LINKS])
def test_a_batch_whose_worker_was_killed_is_ended_by_another(tmp_path, settings, issued):
    settings.MEDIA_ROOT = tmp_path
    operator = OperatorFactory()
    with operator_context(operator.pk):
        batch = start_batch([ready_link().pk for _ in range(LINKS)])
        killed = worker(operator, batch, tmp_path)
        wait_for(issued)
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        before = dict(Card.objects.values_list("pk", "verification"))
        CardBatch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        freed = CardBatch.recover_stalled()
        process_batch(batch.pk)

        after = CardBatch.objects.get(pk=batch.pk)
        assert (freed, after.status, after.done, after.attempt) == (1, Status.DONE, LINKS, 2)
        assert len(before) >= issued
        assert before.items() <= dict(Card.objects.values_list("pk", "verification")).items()
        assert list(Card.objects.values_list("via", "status")) == [(1, "ISSUED")] * LINKS
        assert AuditEvent.objects.filter(kind="card.issued").count() == LINKS
        assert len(PdfReader(BytesIO(content(batch))).pages) == 2 * LINKS

        again = reprint_batch(after, reason="falha")
        process_batch(again.pk)
        assert content(again) == content(batch)
