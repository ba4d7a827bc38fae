"""What holds personal data is for the portal alone: files 0600, folders 0700."""

import stat
import subprocess
import sys

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import call_command

from operators.formats.atomic_files import atomic_write, make_private
from sib.services import inbox
from sib.services.conferences.receive import store_upload
from tests.factories import BeneficiaryFactory


def open_to_others(folder):
    """What other users of the machine may touch."""
    paths = [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]
    return sorted(str(path.relative_to(folder)) for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077)


@pytest.fixture
def data(tmp_path, settings):
    """A data folder that did not exist yet."""
    settings.CNSPORTAL_DATA = tmp_path / "dados"
    settings.INBOX_DIR = settings.CNSPORTAL_DATA / "inbox"
    settings.MEDIA_ROOT = settings.CNSPORTAL_DATA / "files"
    settings.OUTBOX_DIR = settings.CNSPORTAL_DATA / "outbox"
    settings.CNSPORTAL_DATA.mkdir()
    return settings.CNSPORTAL_DATA


def test_every_process_of_ours_makes_private_files():
    code = "import cnsportal.settings, os; print(oct(os.umask(0)))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, umask=0o022)

    assert said.stdout == "0o77\n"


def test_exports_and_receipts_are_private(operator, data):
    BeneficiaryFactory()
    exported = data / "todos.csv"
    call_command("export_beneficiaries", str(exported), operator=operator.registration)
    with atomic_write(data / "recibo.csv") as receipt:
        receipt.write("x")
    call_command("import_beneficiaries", str(exported), operator=operator.registration)

    assert open_to_others(data) == []
    assert len(list(data.rglob("*.csv"))) == 3


def test_uploads_are_private_whatever_their_size(operator, data):
    great = TemporaryUploadedFile("grande.cnx", "application/xml", 3, None)
    great.write(b"<x>")
    great.seek(0)

    store_upload([SimpleUploadedFile("pequena.cnx", b"<x/>"), great])
    store_upload([SimpleUploadedFile("so.cnx", b"<x/>")])
    great.close()

    assert open_to_others(data) == []
    assert len([path for path in data.rglob("*.cnx") if path.is_file()]) == 3


def test_files_of_the_store_are_private(data):
    default_storage.save("cards/1/lote-1.pdf", ContentFile(b"%PDF"))

    assert (open_to_others(data), (data / "files" / "cards" / "1" / "lote-1.pdf").read_bytes()) == ([], b"%PDF")


def test_what_somebody_drops_into_the_inbox_becomes_private(operator, data):
    folder = data / "inbox" / operator.registration
    folder.mkdir(parents=True)
    (folder / "a.cnx").write_bytes(b"<x/>")
    (folder / "a.cnx").chmod(0o644)

    taken = [inbox.scan_inbox(), inbox.scan_inbox()]

    assert (taken, open_to_others(data)) == ([0, 1], [])


@pytest.mark.django_db
def test_a_release_closes_what_former_versions_left_open(data):
    for name in ("files/cards/1", "outbox/999999", "receipts/999999", "inbox/999999/archive", "inbox/999999/entrada"):
        (data / name).mkdir(parents=True)
        (data / name / "a.txt").write_text("x")
        (data / name / "a.txt").chmod(0o644)
        (data / name).chmod(0o755)
    (data / "outbox" / "999999" / "ligação").symlink_to("/etc/hostname")

    call_command("deploy")

    assert open_to_others(data) == ["inbox/999999/entrada", "inbox/999999/entrada/a.txt"]


def test_what_is_gone_meanwhile_is_no_error(tmp_path):
    make_private(tmp_path / "nada")

    assert list(tmp_path.iterdir()) == []


def test_two_who_write_one_file_do_not_take_each_others_draft(tmp_path):
    path = tmp_path / "recibo.csv"
    with atomic_write(path) as first:
        first.write("1")
        with atomic_write(path) as second:
            second.write("2")

    assert (path.read_text(encoding="utf-8-sig"), [each.name for each in tmp_path.iterdir()]) == ("1", ["recibo.csv"])
