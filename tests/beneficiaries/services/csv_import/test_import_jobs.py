"""An import as a run: killed, cancelled, refused, sent twice."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from beneficiaries.models import CnsSource, ImportRun, Person
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.csv_import import import_file as importing
from beneficiaries.services.csv_import import import_jobs
from beneficiaries.services.csv_import.ambiguous_rows import decide_ambiguous
from beneficiaries.services.csv_import.import_file import FullRegistry
from beneficiaries.services.csv_import.import_file import import_file as import_file_of
from beneficiaries.services.csv_import.import_jobs import cancel_import, process, request_import
from beneficiaries.tasks import delete_import_leftovers, import_file
from cnsportal.jobs import Status
from operators.formats.atomic_files import LEFTOVER_SECONDS
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, csv_file, read_table, row
from tests.factories import cns
from tests.races import somebody_waits

ROWS = [row("1"), row("2", cpf=CPFS[1], nome="Outra Pessoa"), row("3", cpf="1")]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "base.csv"
    path.write_bytes(csv_file(*ROWS).getvalue())
    return path


@pytest.fixture
def run(operator, file, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path / "data"
    return request_import(file, tmp_path / "recibo.csv")


def state(run):
    run.refresh_from_db()
    return run.status, run.figures, Person.objects.count(), Path(run.path).exists(), Path(run.receipt).exists()


def test_run_takes_the_file_in_and_keeps_its_receipt_alone(run):
    import_file(operator_id=run.operator_id, run_id=run.pk)

    figures = {"created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
    assert state(run) == (Status.DONE, figures, 2, False, True)
    assert [line["resultado"] for line in read_table(Path(run.receipt))] == ["created", "created", "rejected"]


def test_run_of_a_file_that_is_gone_meanwhile_reads_its_own_copy(run, file):
    file.unlink()

    process(run.pk)

    assert state(run)[0] == Status.DONE


def test_copy_of_the_file_is_nobody_elses_to_read(run):
    copy = Path(run.path)

    assert (copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_rehearsal_keeps_figures_and_receipt_and_nothing_else(operator, file, run, tmp_path):
    rehearsal = request_import(file, tmp_path / "ensaio.csv", rehearse=True, everybody=FullRegistry())

    process(rehearsal.pk)

    figures = {"created": 2, "updated": 0, "unchanged": 0, "rejected": 1, "leaving": 0}
    assert state(rehearsal) == (Status.DONE, figures, 0, False, True)
    assert AuditEvent.objects.count() == 0


def test_run_whose_worker_is_killed_is_done_by_the_next_one(run, monkeypatch, settings):
    def die(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(importing, "write_numbers", die)  # the last of what is written
        with pytest.raises(KeyboardInterrupt):
            process(run.pk)
    killed = state(run)
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=settings.RUN_STALE_SECONDS + 1))

    freed = ImportRun.recover_stalled()
    process(run.pk)

    assert (killed, freed) == ((Status.RUNNING, {}, 0, True, False), 1)
    assert state(run)[0:3:2] == (Status.DONE, 2)


def killed(run):
    ImportRun.objects.filter(pk=run.pk).update(status=Status.QUEUED, attempt=1)


def test_file_whose_import_was_killed_does_not_overwrite_a_newer_one(operator, run, file, tmp_path):
    killed(run)
    file.write_bytes(csv_file(ROWS[0] | {"nome": "Conceição Davila Souza"}).getvalue())
    process(request_import(file, tmp_path / "novo.csv").pk)

    process(run.pk)

    assert (state(run), run.failure) == ((Status.FAILED, {}, 1, False, False), import_jobs.OVERTAKEN)
    assert Person.objects.get().name == "Conceição Davila Souza"


def test_rehearsal_of_a_newer_file_overtakes_nobody(run, file, tmp_path):
    killed(run)
    process(request_import(file, tmp_path / "ensaio.csv", rehearse=True).pk)

    process(run.pk)

    assert state(run)[0] == Status.DONE


def closing(operation):
    try:
        return operation()
    finally:
        connection.close()


def by_somebody_else(operation):
    """Done by another connection, as a click in the browser is."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, closing, operation).result()


@pytest.mark.django_db(transaction=True)
def test_run_that_is_cancelled_while_it_reads_writes_nothing(run, monkeypatch):
    monkeypatch.setattr(import_jobs, "HEARTBEAT_ROWS", 1)

    process(run.pk, on_progress=lambda _: by_somebody_else(lambda: cancel_import(run)))

    assert state(run) == (Status.CANCELLED, {}, 0, False, False)


@pytest.mark.django_db(transaction=True)
def test_run_that_is_cancelled_while_it_writes_writes_nothing(run, monkeypatch):
    monkeypatch.setattr(importing, "write_numbers", lambda **_: by_somebody_else(lambda: cancel_import(run)))

    process(run.pk)

    assert state(run) == (Status.CANCELLED, {}, 0, False, False)


def test_run_that_is_cancelled_before_it_begins_is_not_begun(run):
    cancelled = cancel_import(run)

    process(run.pk)

    assert (cancelled, state(run)) == (True, (Status.CANCELLED, {}, 0, False, False))


def test_run_of_a_file_that_is_refused_says_why_and_writes_nothing(operator, file, tmp_path, run):
    file.write_bytes(b"nome;cpf\n")
    refused = request_import(file, tmp_path / "recusa.csv")

    process(refused.pk)

    assert state(refused) == (Status.FAILED, {}, 0, False, False)
    assert refused.failure == "Falta a coluna codigoBeneficiario na primeira linha. Confira os nomes das colunas."


def test_run_that_was_done_is_not_done_again(run):
    process(run.pk)
    events = AuditEvent.objects.count()

    process(run.pk)

    assert AuditEvent.objects.count() == events


def test_file_sent_twice_is_unchanged_the_second_time(file, run, tmp_path):
    process(run.pk)
    again = request_import(file, tmp_path / "de-novo.csv")

    process(again.pk)

    assert state(again)[1] == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 1}


def test_command_that_is_stopped_leaves_no_work_to_a_worker(operator, file, run, monkeypatch):
    def stop(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "write_numbers", stop)

    with pytest.raises(KeyboardInterrupt):
        call_command("import_beneficiaries", str(file), operator=operator.registration)

    assert ImportRun.objects.latest("pk").status == Status.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_import_and_another_who_gives_numbers_wait_for_each_other(operator, monkeypatch):
    """The import changes the second person at first, and gives the first one a number at last."""
    rows = [row("1"), row("2", cpf=CPFS[1], nome="Outra Pessoa")]
    import_file_of(csv_file(*rows))
    people = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    offers = [CnsOffer(pk, cns(place), CnsSource.CNX) for place, pk in enumerate(people, start=1)]
    giving = []

    with ThreadPoolExecutor(1) as pool:

        def begin(**actor):
            giving.append(pool.submit(copy_context().run, closing, lambda: attach_cns(offers)))
            assert somebody_waits()
            return decide_ambiguous(**actor)

        monkeypatch.setattr(importing, "decide_ambiguous", begin)
        figures = import_file_of(csv_file(rows[0] | {"cns": cns(7)}, rows[1] | {"nome": "Outra Pessoa Casada"}))
        answers = giving[0].result()

    assert (figures["updated"], list(answers.values())) == (2, [Attachment.SUPERSEDED, Attachment.ATTACHED])


def aged(path: Path) -> Path:
    long_ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(path, (long_ago, long_ago))
    return path


def test_what_a_killed_process_left_is_deleted_and_what_waits_is_not(run):
    waiting, receipt = aged(Path(run.path)), Path(run.receipt)
    forgotten = waiting.with_name("0" * 32)
    draft = receipt.with_name(f".{receipt.name}.{'0' * 32}.part")
    fresh = waiting.with_name("1" * 32)
    for path in (forgotten, draft, fresh):
        path.touch()
    aged(forgotten)
    ended = request_import(waiting, receipt)
    cancel_import(ended)
    aged(draft)

    delete_import_leftovers()

    assert [path.exists() for path in (waiting, forgotten, draft, fresh)] == [True, False, False, True]
