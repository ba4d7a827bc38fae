import pytest
from django.conf import settings
from django.core.cache import cache

from cnsportal.runs import Status
from sib.models import ConferenceFile
from sib.services import inbox
from sib.services.processing import process
from tests.factories import BeneficiaryFactory, cns
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

    taken = [inbox.scan(), inbox.scan(), inbox.scan()]

    assert (taken, names(folder)) == ([0, 1, 0], ["work/ArqConf.CNX"])
    assert ConferenceFile.objects.get().wants_apply


def test_a_file_that_grows_is_left_alone(folder, operator):
    path = drop(folder, operator)
    inbox.scan()
    with path.open("ab") as file:
        file.write(b" ")

    assert (inbox.scan(), names(folder)) == (0, ["ArqConf.CNX"])


def test_other_files_are_left_alone(folder, operator):
    (folder / "leia-me.txt").write_text("x")

    assert [inbox.scan(), inbox.scan()] == [0, 0]


def test_a_finished_file_goes_to_the_archive(folder, operator):
    drop(folder, operator)
    inbox.scan()
    inbox.scan()
    process(ConferenceFile.objects.get().pk)

    inbox.scan()

    file = ConferenceFile.objects.get()
    assert (file.status, names(folder)) == (Status.DONE, ["archive/ArqConf.CNX"])
    assert file.path == str(folder / "archive" / "ArqConf.CNX")


def test_a_refused_file_goes_to_failed_with_its_sentence_beside_it(folder, operator):
    drop(folder, operator, registration="123456")
    inbox.scan()
    inbox.scan()
    process(ConferenceFile.objects.get().pk)

    inbox.scan()

    sentence = (folder / "failed" / "ArqConf.CNX.txt").read_text(encoding="utf-8")
    assert names(folder) == ["failed/ArqConf.CNX", "failed/ArqConf.CNX.txt"]
    assert sentence.startswith("O arquivo é da operadora 123456")


def test_the_same_content_again_goes_to_the_archive_at_once(folder, operator):
    path = drop(folder, operator)
    content = path.read_bytes()
    inbox.scan()
    inbox.scan()
    process(ConferenceFile.objects.get().pk)
    (folder / "de novo.CNX").write_bytes(content)

    inbox.scan()
    inbox.scan()

    assert names(folder) == ["archive/ArqConf.CNX", "archive/de novo.CNX"]
    assert ConferenceFile.objects.count() == 1


def test_a_file_left_in_work_by_a_crash_is_taken_up(folder, operator):
    (folder / "work").mkdir()
    drop(folder / "work", operator)

    inbox.scan()

    assert ConferenceFile.objects.get().status == Status.QUEUED


def test_a_rehearsed_file_waits_where_it_is(folder, operator):
    operator.cnx_auto_apply = False
    operator.save()
    drop(folder, operator)
    inbox.scan()
    inbox.scan()
    process(ConferenceFile.objects.get().pk)

    inbox.scan()

    assert (ConferenceFile.objects.get().status, names(folder)) == (Status.WAITING, ["work/ArqConf.CNX"])


def test_the_inbox_lies_in_the_data_folder():
    assert settings.INBOX_DIR == settings.CNSPORTAL_DATA / "inbox"
