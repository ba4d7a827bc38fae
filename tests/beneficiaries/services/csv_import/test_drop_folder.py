"""Spreadsheets that another system drops into a folder."""

import pytest
from django.core.cache import cache

from beneficiaries.models import Beneficiary, ImportRun
from beneficiaries.services.csv_import.drop_folder import scan_drop_folder
from beneficiaries.services.csv_import.import_jobs import process
from cnsportal.jobs import Status
from tests.beneficiaries.csv_files import csv_file, read_table, row


@pytest.fixture
def folder(operator, settings, tmp_path):
    settings.CNSPORTAL_DATA, settings.INBOX_DIR = tmp_path / "data", tmp_path / "inbox"
    cache.clear()
    folder = settings.INBOX_DIR / operator.registration / "beneficiarios"
    (folder / "importar").mkdir(parents=True)
    return folder


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_spreadsheet_is_taken_once_it_has_rested_and_rehearsed(folder):
    (folder / "base.csv").write_bytes(csv_file(row("1")).getvalue())

    taken = [scan_drop_folder() for _ in range(3)]
    run = ImportRun.objects.get()
    process(run.pk)

    run.refresh_from_db()
    assert (taken, run.is_rehearsed, Beneficiary.objects.count()) == ([0, 1, 0], True, 0)
    assert names(folder) == ["archive/base.csv", "recibos/base.csv"]


def test_spreadsheet_in_the_other_folder_is_imported_at_once(folder):
    (folder / "importar" / "base.csv").write_bytes(csv_file(row("1"), row("2", cpf="1")).getvalue())
    scan_drop_folder()
    scan_drop_folder()

    run = ImportRun.objects.get()
    process(run.pk)

    run.refresh_from_db()
    assert (run.status, Beneficiary.objects.count()) == (Status.DONE, 1)
    receipt = read_table(folder / "importar" / "recibos" / "base.csv")
    assert [line["resultado"] for line in receipt] == ["created", "rejected"]


def test_unknown_headings_wait_even_there(folder):
    content = csv_file(row("1")).getvalue().replace(b"dataContratacao", b"Entrou em")
    (folder / "importar" / "base.csv").write_bytes(content)
    scan_drop_folder()
    scan_drop_folder()

    assert ImportRun.objects.get().needs_columns


def test_file_that_is_no_table_is_put_aside_with_the_reason(folder):
    (folder / "base.csv").write_text("só uma coluna\n")
    scan_drop_folder()
    scan_drop_folder()

    assert (names(folder), ImportRun.objects.count()) == (["failed/base.csv", "failed/base.csv.txt"], 0)
    assert "As colunas não estão separadas" in (folder / "failed" / "base.csv.txt").read_text()
