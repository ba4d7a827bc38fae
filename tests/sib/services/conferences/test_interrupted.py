"""A file whose worker is killed between any two heartbeats, and taken up by another, ends as if nothing happened."""

from datetime import timedelta
from hashlib import md5
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from cnsportal.jobs import MAX_ATTEMPTS, Status
from operators.models import AuditEvent
from operators.permissions import Role
from sib.formats import encoding
from sib.models import CnxStep, ConferenceFile, MirrorRecord
from sib.queries.apply_summary import REVERTED, WRITTEN, undoable
from sib.services import receive_file
from sib.services.conferences import apply, compare, pipeline, revert, stage
from sib.services.conferences.receive import submit_file
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import conference, record
from tests.sib.tables import staging_tables_left


class Killed(BaseException):
    """What a SIGKILL looks like to the code: nothing after it runs, no handler of ours sees it."""


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(stage, "CHUNK_SIZE", 3)
    monkeypatch.setattr(encoding, "CHUNK_BYTES", 500)  # bytes: each record by itself
    monkeypatch.setattr(compare, "PLAIN_CHUNK", 4)
    monkeypatch.setattr(compare, "CHUNK_SIZE", 2)
    monkeypatch.setattr(apply, "RANGE_SIZE", 4)


@pytest.fixture
def file(operator, tmp_path, small_batches):
    links = BeneficiaryFactory.create_batch(10)
    records = [record(link, cns=cns(index) if index % 4 else None) for index, link in enumerate(links)]
    path = conference(tmp_path / "a.cnx", *records, registration=operator.registration)
    return receive_file(path, name=path.name, wants_apply=True)[0]


def interrupted(file, monkeypatch, beats):
    """Process the file, and kill the worker at its heartbeat of this number; True when it came that far."""
    alive = iter(range(beats))
    heartbeat = ConferenceFile.heartbeat

    def mortal(self, **progress):
        if next(alive, None) is None:
            raise Killed
        return heartbeat(self, **progress)

    with monkeypatch.context() as patch:
        patch.setattr(ConferenceFile, "heartbeat", mortal)
        try:
            pipeline.process_conference(file.pk)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("beats", range(13))
def test_a_killed_worker_leaves_what_another_can_finish(file, monkeypatch, beats):
    was_killed = interrupted(file, monkeypatch, beats)
    ConferenceFile.objects.filter(pk=file.pk, status=Status.RUNNING).update(status=Status.QUEUED)

    pipeline.process_conference(file.pk)

    file.refresh_from_db()
    assert was_killed == (beats < 11)
    assert (file.status, file.records, file.outcomes, file.applied) == (
        Status.DONE, 10, {"CNS_NEW": 7, "HOLDER_WITHOUT_CNS": 3}, 7,
    )  # fmt: skip
    assert (CnsNumber.objects.count(), MirrorRecord.objects.count(), file.differences.count()) == (7, 10, 10)
    assert staging_tables_left() == []
    assert AuditEvent.objects.filter(kind="cns.attached").count() == 7
    assert AuditEvent.objects.filter(kind="cnx.applied").count() == 1


# ---- given up or cancelled while it was being applied ---------------------------------------------------------------


def held():
    """Who has which number of which source, as one sum."""
    numbers = CnsNumber.objects.current().values_list("person__cpf", "number", "source").order_by("person__cpf")
    return md5(repr(list(numbers)).encode(), usedforsecurity=False).hexdigest()


def give_up(file, monkeypatch):
    """Five workers are killed, the first when the second range of numbers was written; the recovery gives it up."""
    assert interrupted(file, monkeypatch, IN_THE_MIDDLE)
    for _ in range(MAX_ATTEMPTS - 1):
        stopped = ConferenceFile.objects.filter(pk=file.pk)
        stopped.update(status=Status.QUEUED)
        assert interrupted(file, monkeypatch, 0)
    stopped.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    ConferenceFile.recover_stalled()


def cancel(file, monkeypatch):
    assert interrupted(file, monkeypatch, IN_THE_MIDDLE)
    ConferenceFile.objects.cancel(file.pk)


IN_THE_MIDDLE = 9  # heartbeats


@pytest.mark.parametrize(("stop", "status"), [(give_up, Status.FAILED), (cancel, Status.CANCELLED)])
@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "is taken back at once"])
def test_what_stopped_in_the_middle_of_its_application_goes_on_or_is_taken_back(
    file, monkeypatch, stop, status, goes_on
):
    person = Person.objects.order_by("pk")[1]
    attach_cns([CnsOffer(person.pk, cns(77), CnsSource.IMPORT)])
    before = held()
    stop(file, monkeypatch)
    file.refresh_from_db()
    written = file.differences.filter(answer__in=WRITTEN).count()
    assert (file.status, file.step, file.applied == written > 0) == (status, CnxStep.REHEARSED, True)
    if goes_on:
        _, is_taken = submit_file(Path(file.path), name=file.name, wants_apply=True)
        pipeline.process_conference(file.pk)
        file.refresh_from_db()
        assert (is_taken, file.status, file.step, file.applied) == (True, Status.DONE, CnxStep.APPLIED, 7)
        told = AuditEvent.objects.filter(kind__in=["cns.attached", "cns.superseded"], source=file.origin)
        assert told.count() == 7
    applied = undoable(file).count()
    assert revert.request_revert(file)
    pipeline.process_conference(file.pk)

    file.refresh_from_db()
    assert (file.step, held()) == (CnxStep.REVERTED, before)
    assert (applied == 7, applied) == (goes_on, file.differences.filter(answer=REVERTED).count())


def test_what_stopped_in_the_middle_is_applied_to_its_end_from_its_page(file, operator, monkeypatch):
    give_up(file, monkeypatch)
    client = signed_in(operator, Role.REVISAO)
    names = [operator.registration, file.pk]

    page = client.get(reverse("sib:conference", args=names))
    client.post(reverse("sib:conference_apply", args=names), {"tudo": "1"})
    pipeline.process_conference(file.pk)

    file.refresh_from_db()
    assert "Parte já foi aplicada." in text_of(page)
    assert (file.status, file.step, file.applied, file.failure) == (Status.DONE, CnxStep.APPLIED, 7, "")


def test_a_worker_that_was_given_up_in_the_middle_of_a_range_writes_no_other(file, monkeypatch):
    interrupted(file, monkeypatch, IN_THE_MIDDLE)
    late = ConferenceFile.objects.get(pk=file.pk)
    ConferenceFile.objects.filter(pk=file.pk).update(status=Status.QUEUED)
    pipeline.process_conference(file.pk)
    written = list(file.differences.values_list("pk", "applied_at", "undo").order_by("pk"))

    last = file.differences.order_by("pk").last().pk
    count = apply._apply_range(late, apply.Range(0, last, 1, 0), None)

    assert (count, list(file.differences.values_list("pk", "applied_at", "undo").order_by("pk"))) == (0, written)


def test_comparing_anew_forgets_nothing_that_was_applied(file):
    pipeline.process_conference(file.pk)
    kept = set(file.differences.filter(applied_at__isnull=False).values_list("pk", "undo__previous"))
    file.refresh_from_db()

    compare.compare_conference(file, lambda _done: True)

    assert set(file.differences.filter(applied_at__isnull=False).values_list("pk", "undo__previous")) == kept


def test_a_cancelled_file_stops_at_its_next_heartbeat(file, monkeypatch):
    step = compare.compare_conference

    def cancel_then_compare(run, heartbeat):
        ConferenceFile.objects.cancel(run.pk)
        return step(run, heartbeat)

    monkeypatch.setattr(pipeline, "compare_conference", cancel_then_compare)

    pipeline.process_conference(file.pk)

    file.refresh_from_db()
    assert (file.status, CnsNumber.objects.count()) == (Status.CANCELLED, 0)


def test_a_file_is_processed_by_one_worker(file):
    pipeline.process_conference(file.pk)
    pipeline.process_conference(file.pk)

    file.refresh_from_db()
    assert file.attempt == 1
