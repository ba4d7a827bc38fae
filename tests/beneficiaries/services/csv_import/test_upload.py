"""A file that comes by a page: its columns named once, rehearsed, confirmed or cancelled."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import Beneficiary, ImportColumn, ImportLine, ImportRun, Person
from beneficiaries.services.csv_import.import_jobs import cancel_import, process
from beneficiaries.services.csv_import.upload import (
    DECISION_TIME,
    NOT_WAITING,
    OVERTAKEN,
    CannotImport,
    confirm_columns,
    confirm_import,
    discard_undecided,
    receive_upload,
    rehearse_again,
)
from cnsportal.jobs import Status
from operators.context import current_operator_id
from tests.beneficiaries.csv_files import CPFS, csv_file, row
from tests.factories import UserFactory

OWN = {
    "codigoBeneficiario": "Carteirinha",
    "nome": "Nome do beneficiário",
    "dataNascimento": "DT_NASC",
    "relacaoDependencia": "Parentesco",
    "dataContratacao": "Inclusão no plano",
    "numeroPlanoANS": "Registro do plano",
    "cpf": "CPF",
    "sexo": "Sexo",
}


@pytest.fixture(autouse=True)
def _folder(operator, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path


@pytest.fixture
def staff():
    return UserFactory()


def sent(*rows: dict[str, str], name="base.csv", columns=None):
    content = csv_file(*rows)
    if columns:
        content = csv_file(*[{columns.get(key, key): value for key, value in each.items()} for each in rows])
    return SimpleUploadedFile(name, content.getvalue())


def rehearsed(*rows: dict[str, str], staff, **options):
    run = receive_upload(sent(*rows, **options), actor=staff)
    process(run.pk)
    run.refresh_from_db()
    return run


def test_known_headings_are_rehearsed_at_once_and_wait_for_a_decision(staff):
    run = rehearsed(row("1"), row("2", cpf="1"), staff=staff)

    assert (run.status, run.is_rehearsed, run.figures["created"], run.figures["rejected"]) == (
        Status.WAITING, True, 1, 1,
    )  # fmt: skip
    assert Person.objects.count() == 0
    assert list(run.lines.values_list("line", "code", "result").order_by("line")) == [
        (2, "1", "created"),
        (3, "2", "rejected"),
    ]


def test_confirmed_import_is_the_rehearsal_done(staff):
    run = rehearsed(row("1"), staff=staff)

    confirm_import(run, actor=staff)
    process(run.pk)

    run.refresh_from_db()
    assert (run.status, run.is_rehearsal, Path(run.path).exists()) == (Status.DONE, False, False)
    assert list(Beneficiary.objects.values_list("code", flat=True)) == ["1"]
    assert list(run.lines.values_list("code", "result")) == [("1", "created")]


def test_foreign_headings_wait_until_somebody_says_what_they_mean(staff):
    run = receive_upload(sent(row("1"), columns=OWN), actor=staff)

    guessed = {heading: column for heading, _, column in run.headings}
    assert (run.needs_columns, guessed["DT_NASC"], guessed["Inclusão no plano"]) == (True, "dataNascimento", "")
    assert ("Carteirinha", "1", "codigoBeneficiario") in [tuple(each) for each in run.headings]


def test_columns_are_asked_for_once(staff):
    first = receive_upload(sent(row("1"), columns=OWN), actor=staff)
    meanings = {heading: column for heading, _, column in first.headings} | {"Inclusão no plano": "dataContratacao"}

    confirm_columns(first, meanings)
    process(first.pk)
    second = rehearsed(row("2", cpf=CPFS[1]), staff=staff, columns=OWN)

    first.refresh_from_db()
    assert [(run.is_rehearsed, run.figures["created"]) for run in (first, second)] == [(True, 1), (True, 1)]
    assert ImportColumn.objects.get(heading="Inclusão no plano").column == "dataContratacao"


def test_columns_cannot_be_confirmed_twice(staff):
    run = receive_upload(sent(row("1"), columns=OWN), actor=staff)
    meanings = {heading: column for heading, _, column in run.headings} | {"Inclusão no plano": "dataContratacao"}
    confirm_columns(run, meanings)

    with pytest.raises(CannotImport, match=NOT_WAITING):
        confirm_columns(run, meanings)


def test_import_after_a_newer_one_wants_another_rehearsal(staff):
    old = rehearsed(row("1", nome="Nome Antigo"), staff=staff)
    new = rehearsed(row("1"), staff=staff)
    confirm_import(new, actor=staff)
    process(new.pk)

    with pytest.raises(CannotImport, match=OVERTAKEN):
        confirm_import(old, actor=staff)

    rehearse_again(old)
    process(old.pk)
    confirm_import(old, actor=staff)
    process(old.pk)
    assert ImportRun.objects.get(pk=old.pk).status == Status.DONE


def test_file_that_is_no_table_is_refused_and_not_kept(staff, tmp_path):
    with pytest.raises(InvalidFile):
        receive_upload(SimpleUploadedFile("foto.png", b"\x89PNG\r\n\x00\x00"), actor=staff)

    assert (ImportRun.objects.count(), list((tmp_path / "imports").rglob("*.*"))) == (0, [])
    assert [path for path in (tmp_path / "imports").rglob("*") if path.is_file()] == []


def test_cancelled_import_leaves_nothing(staff):
    run = rehearsed(row("1"), staff=staff)

    assert cancel_import(run) is True

    run.refresh_from_db()
    assert (run.status, Path(run.path).exists(), Person.objects.count()) == (Status.CANCELLED, False, 0)
    with pytest.raises(CannotImport, match=NOT_WAITING):
        confirm_import(run, actor=staff)


def test_file_without_a_decision_is_discarded_in_the_end(staff):
    fresh, old = rehearsed(row("1"), staff=staff), rehearsed(row("1"), staff=staff)
    ImportRun.objects.filter(pk=old.pk).update(queued_at=timezone.now() - DECISION_TIME - timedelta(hours=1))

    assert discard_undecided() == 1

    statuses = dict(ImportRun.objects.values_list("pk", "status"))
    assert statuses == {fresh.pk: Status.WAITING, old.pk: Status.CANCELLED}


def test_lines_of_a_second_rehearsal_replace_the_first(staff):
    run = rehearsed(row("1"), staff=staff)

    rehearse_again(run)
    process(run.pk)

    assert ImportLine.objects.filter(run=run).count() == 1


def test_two_headings_that_were_confirmed_for_one_column_are_asked_about_again(staff):
    ImportColumn.objects.create(operator_id=current_operator_id(), heading="Nome completo", column="nome")

    run = receive_upload(sent({**row("1"), "Nome completo": "Outro Nome"}), actor=staff)

    assert run.needs_columns


def test_long_headings_that_begin_alike_are_remembered_once(staff):
    long = "Observação " * 20
    run = receive_upload(sent({**row("1"), f"{long}A": "", f"{long}B": ""}), actor=staff)

    confirm_columns(run, {heading: column for heading, _, column in run.headings})

    assert ImportColumn.objects.count() == 1


def test_first_row_with_a_null_character_does_not_keep_its_file_out(staff):
    content = csv_file(row("1", nome="Ana\0Prado")).getvalue().replace(b"dataContratacao", b"Entrou em")

    run = receive_upload(SimpleUploadedFile("base.csv", content), actor=staff)

    assert run.needs_columns
