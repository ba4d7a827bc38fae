import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from cnsportal.jobs import Status
from operators.context import operator_context
from sib.models import CnxStep, ConferenceFile
from sib.services import inbox
from sib.services.conferences.pipeline import process_conference
from tests.factories import BeneficiaryFactory, OperatorFactory, cns
from tests.sib.files import conference, record


@pytest.fixture
def folder(operator, tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"
    cache.clear()
    folder = settings.INBOX_DIR / operator.registration
    folder.mkdir(parents=True)
    return folder


def drop(folder, operator, name="ArqConf.CNX", **changes):
    return conference(
        folder / name, record(BeneficiaryFactory(), cns=cns(1)), **{"registration": operator.registration, **changes}
    )


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_taken_once_it_has_rested(folder, operator):
    drop(folder, operator)

    taken = [inbox.scan_inbox(), inbox.scan_inbox(), inbox.scan_inbox()]

    assert (taken, names(folder)) == ([0, 1, 0], ["work/ArqConf.CNX"])
    assert ConferenceFile.objects.get().wants_apply


def test_a_file_that_grows_is_left_alone(folder, operator):
    path = drop(folder, operator)
    inbox.scan_inbox()
    with path.open("ab") as file:
        file.write(b" ")

    assert (inbox.scan_inbox(), names(folder)) == (0, ["ArqConf.CNX"])


def test_other_files_are_left_alone(folder, operator):
    (folder / "leia-me.txt").write_text("x")

    assert [inbox.scan_inbox(), inbox.scan_inbox()] == [0, 0]


def test_a_finished_file_goes_to_the_archive(folder, operator):
    drop(folder, operator)
    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(ConferenceFile.objects.get().pk)

    inbox.scan_inbox()

    file = ConferenceFile.objects.get()
    assert (file.status, names(folder)) == (Status.DONE, ["archive/ArqConf.CNX"])
    assert file.path == str(folder / "archive" / "ArqConf.CNX")


def test_a_refused_file_goes_to_failed_with_its_sentence_beside_it(folder, operator):
    drop(folder, operator, registration="123456")
    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(ConferenceFile.objects.get().pk)

    inbox.scan_inbox()

    sentence = (folder / "failed" / "ArqConf.CNX.txt").read_text(encoding="utf-8")
    assert names(folder) == ["failed/ArqConf.CNX", "failed/ArqConf.CNX.txt"]
    assert sentence.startswith("O arquivo é da operadora 123456")


def test_the_same_content_again_goes_to_the_archive_at_once(folder, operator):
    path = drop(folder, operator)
    content = path.read_bytes()
    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(ConferenceFile.objects.get().pk)
    (folder / "de novo.CNX").write_bytes(content)

    inbox.scan_inbox()
    inbox.scan_inbox()

    assert names(folder) == ["archive/ArqConf.CNX", "archive/de novo.CNX"]
    assert ConferenceFile.objects.count() == 1


def test_a_conference_that_waits_is_applied_where_the_policy_would_apply_it_now(folder, operator):
    operator.cnx_auto_apply = False
    operator.save()
    content = drop(folder, operator).read_bytes()
    inbox.scan_inbox()
    inbox.scan_inbox()
    file = ConferenceFile.objects.get()
    process_conference(file.pk)
    operator.cnx_auto_apply = True
    operator.save()
    (folder / "de novo.CNX").write_bytes(content)

    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(file.pk)

    file.refresh_from_db()
    assert (file.step, file.applied) == (CnxStep.APPLIED, 1)


def test_a_file_left_in_work_by_a_crash_is_taken_up(folder, operator):
    (folder / "work").mkdir()
    drop(folder / "work", operator)

    inbox.scan_inbox()

    assert ConferenceFile.objects.get().status == Status.QUEUED


def test_a_rehearsed_file_waits_where_it_is(folder, operator):
    operator.cnx_auto_apply = False
    operator.save()
    drop(folder, operator)
    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(ConferenceFile.objects.get().pk)

    inbox.scan_inbox()

    assert (ConferenceFile.objects.get().status, names(folder)) == (Status.WAITING, ["work/ArqConf.CNX"])


def test_a_name_as_long_as_a_disk_takes_finds_its_place_again_and_again(folder, operator):
    name = f"{'ã' * 125}.cnx"
    drop(folder, operator, name=name)
    inbox.scan_inbox()
    inbox.scan_inbox()
    (folder / name).write_bytes(b"?")
    inbox.scan_inbox()
    inbox.scan_inbox()
    for file in ConferenceFile.objects.all():
        process_conference(file.pk)

    inbox.scan_inbox()

    assert [Path(each).parts[0] for each in names(folder)] == ["archive", "failed", "failed"]


def test_a_name_in_another_encoding_is_no_reason_to_stop(folder, operator):
    drop(folder, operator).rename(os.fsdecode(os.fsencode(folder) + b"/confer\xeancia.cnx"))
    inbox.scan_inbox()
    inbox.scan_inbox()

    process_conference(ConferenceFile.objects.get().pk)

    assert ConferenceFile.objects.get().status == Status.DONE


def test_a_file_that_cannot_be_read_is_put_away_and_keeps_no_other_waiting(folder, operator, monkeypatch):
    drop(folder, operator, name="1.cnx")
    drop(folder, operator, name="2.cnx", sequence=2)
    read = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: locked() if self.name == "1.cnx" else read(self, *a, **k))

    inbox.scan_inbox()
    inbox.scan_inbox()

    sentence = (folder / "failed" / "1.cnx.txt").read_text(encoding="utf-8")
    assert names(folder) == ["failed/1.cnx", "failed/1.cnx.txt", "work/2.cnx"]
    assert sentence.startswith("O portal não conseguiu ler o arquivo. Confira a permissão de leitura")


def locked():
    raise PermissionError


def test_a_folder_of_folders_is_refused_with_its_sentence(folder, operator):
    (folder / "conferencia" / "partes").mkdir(parents=True)
    (folder / "conferencia" / "partes" / "1.cnx").write_bytes(b"?")
    inbox.scan_inbox()
    inbox.scan_inbox()
    process_conference(ConferenceFile.objects.get().pk)

    inbox.scan_inbox()

    sentence = (folder / "failed" / "conferencia.txt").read_text(encoding="utf-8")
    assert sentence == "Dentro da pasta há outra pasta, partes. Deixe os arquivos CNX em uma pasta só.\n"


def test_what_is_no_file_is_left_alone(folder):
    os.mkfifo(folder / "a.cnx")  # whoever opens it waits for ever
    (folder / "b").symlink_to(folder)

    assert [inbox.scan_inbox(), inbox.scan_inbox()] == [0, 0]


def test_the_inbox_lies_in_the_data_folder():
    assert settings.INBOX_DIR == settings.CNSPORTAL_DATA / "inbox"


@pytest.mark.django_db(transaction=True)
def test_of_scans_at_once_none_takes_away_what_another_has_claimed(tmp_path, settings):
    settings.INBOX_DIR = tmp_path
    operator, gate = OperatorFactory(), Barrier(4)
    work = tmp_path / operator.registration / "work"
    work.mkdir(parents=True)
    with operator_context(operator.pk):
        drop(work, operator)

    def scan(_):
        with operator_context(operator.pk):
            gate.wait()
            inbox.scan_inbox()
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(scan, range(4)))

    with operator_context(operator.pk):
        file = ConferenceFile.objects.get()
    assert (file.path, names(work.parent)) == (str(work / "ArqConf.CNX"), ["work/ArqConf.CNX"])


def test_the_folder_of_spreadsheets_is_no_conference(folder):
    (folder / "beneficiarios").mkdir()
    (folder / "beneficiarios" / "base.csv").write_text("x")

    assert [inbox.scan_inbox(), inbox.scan_inbox()] == [0, 0]
