"""A file whose worker is killed between any two beats, and taken up by another, ends as if nothing had happened."""

import pytest
from django.db import connection

from beneficiaries.models import CnsNumber
from cnsportal.runs import Status
from operators.models import AuditEvent
from sib import decoding
from sib.models import ConferenceFile, MirrorRecord
from sib.services import applying, comparing, processing, receive, staging
from tests.factories import BeneficiaryFactory, cns
from tests.sib.files import conference, record


class Killed(BaseException):
    """What a SIGKILL looks like to the code: nothing after it runs, no handler of ours sees it."""


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 3)
    monkeypatch.setattr(decoding, "CHUNK", 500)  # bytes: each record by itself
    monkeypatch.setattr(comparing, "PLAIN_CHUNK", 4)
    monkeypatch.setattr(comparing, "CHUNK", 2)
    monkeypatch.setattr(applying, "RANGE", 4)


@pytest.fixture
def file(operator, tmp_path, small_batches):
    links = BeneficiaryFactory.create_batch(10)
    records = [record(link, cns=cns(index) if index % 4 else None) for index, link in enumerate(links)]
    path = conference(tmp_path / "a.cnx", *records, registration=operator.registration)
    return receive(path, name=path.name, wants_apply=True)[0]


def interrupted(file, monkeypatch, beats):
    """Process the file, and kill the worker at its beat of this number; True when it came that far."""
    alive = iter(range(beats))
    beat = type(ConferenceFile.objects.all()).beat

    def mortal(self, pk, attempt, **progress):
        if next(alive, None) is None:
            raise Killed
        return beat(self, pk, attempt, **progress)

    with monkeypatch.context() as patch:
        patch.setattr(type(ConferenceFile.objects.all()), "beat", mortal)
        patch.setattr(type(ConferenceFile.objects), "beat", lambda self, *a, **k: mortal(self.all(), *a, **k))
        try:
            processing.process(file.pk)
        except Killed:
            return True
    return False


def left_over():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^sib_[a-z]+_[0-9]+$'")
        return cursor.fetchall()


@pytest.mark.parametrize("beats", range(13))
def test_a_killed_worker_leaves_what_another_can_finish(file, monkeypatch, beats):
    was_killed = interrupted(file, monkeypatch, beats)
    ConferenceFile.objects.filter(pk=file.pk, status=Status.RUNNING).update(status=Status.QUEUED)

    processing.process(file.pk)

    file.refresh_from_db()
    assert was_killed == (beats < 11)
    assert (file.status, file.records, file.outcomes, file.applied) == (
        Status.DONE, 10, {"CNS_NEW": 7, "HOLDER_WITHOUT_CNS": 3}, 7,
    )  # fmt: skip
    assert (CnsNumber.objects.count(), MirrorRecord.objects.count(), file.differences.count()) == (7, 10, 10)
    assert left_over() == []
    assert AuditEvent.objects.filter(kind="cns.attached").count() == 7
    assert AuditEvent.objects.filter(kind="cnx.applied").count() == 1


def test_a_cancelled_file_stops_at_its_next_beat(file, monkeypatch):
    step = comparing.compare

    def cancel_then_compare(run, beat):
        ConferenceFile.objects.cancel(run.pk)
        return step(run, beat)

    monkeypatch.setattr(processing, "compare", cancel_then_compare)

    processing.process(file.pk)

    file.refresh_from_db()
    assert (file.status, CnsNumber.objects.count()) == (Status.CANCELLED, 0)


def test_a_file_is_processed_by_one_worker(file):
    processing.process(file.pk)
    processing.process(file.pk)

    file.refresh_from_db()
    assert file.attempt == 1
