"""Lists of files and batches are exported as their pages show them."""

from datetime import UTC, date, datetime

import pytest

from beneficiaries.models import ImportRun
from cards.models import CardBatch
from cnsportal.jobs import Status
from sib.models import CnxStep, ConferenceFile, RpxFile, SbxFile
from tests.exported_rows import rows

THEN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def conference(operator):
    ConferenceFile.objects.create(
        operator=operator, name="a.cnx", path="/x", digest="1", size=1, wants_apply=False, step=CnxStep.APPLIED,
        status=Status.DONE, records=180, applied=7, received_at=THEN,
    )  # fmt: skip
    return ("a.cnx", "aplicada", "concluído", 180, 7, THEN, "")


def sbx_file(operator):
    file = SbxFile.objects.create(operator=operator, competence=date(2026, 11, 1), sequence=1, name="a.SBX", count=3)
    return ("a.SBX", date(2026, 11, 1), "rascunho", 3, file.created_at, None, "")


def result(operator):
    RpxFile.objects.create(
        operator=operator, name="a.RPX", path="/x", digest="1", size=1, sbx_name="a.SBX", accepted=2, rejected=1,
        received_at=THEN,
    )  # fmt: skip
    return ("a.RPX", "a.SBX", None, RpxFile.objects.get().get_result_display(), 2, 1, THEN, "")


def batch(operator):
    made = CardBatch.objects.create(operator=operator, scope="Todos", total=4, done=1, queued_at=THEN)
    product, status = made.get_product_display(), made.get_status_display()
    return (f"Lote {made.pk}", "emissão", "Todos", product, status, 1, 4, "sistema", THEN)


def import_run(operator):
    run = ImportRun.objects.create(
        operator=operator, name="a.csv", path="/x", figures={"created": 2, "updated": 1}, queued_at=THEN
    )
    return ("a.csv", run.stage, 2, 1, 0, THEN, "sistema", "")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("conferences", conference),
        ("sbx_files", sbx_file),
        ("results", result),
        ("batches", batch),
        ("imports", import_run),
    ],
)
def test_each_row_says_what_the_page_says(operator, name, made):
    expected = made(operator)

    assert rows(name) == [expected]
