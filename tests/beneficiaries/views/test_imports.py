"""A spreadsheet brought in by a page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from beneficiaries.models import Beneficiary, ImportRun
from beneficiaries.services.csv_import.import_jobs import process
from cnsportal.jobs import Status
from operators.models import AuditEvent
from operators.permissions import Role
from tests.beneficiaries.csv_files import csv_file, row
from tests.factories import BeneficiaryFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def staff(operator, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    return signed_in(operator, Role.CADASTRO)


def at(operator, name, *args: object):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, *args])


def send(staff, operator, content, **fields):
    file = SimpleUploadedFile("base.csv", content)
    return staff.post(at(operator, "import_upload"), {"sent": file, **fields})


def rehearsed(staff, operator, *rows: dict[str, str], **fields):
    send(staff, operator, csv_file(*rows).getvalue(), **fields)
    run = ImportRun.objects.latest("pk")
    process(run.pk)
    return run


def test_rehearsal_shows_what_would_change_with_numbers_masked(staff, operator):
    link = BeneficiaryFactory(code="1", person__cpf="11144477735", person__name="Conceição D'Ávila", whole=True)
    run = rehearsed(staff, operator, row("1", nome="Conceição D'Ávila Souza"), row("2", cpf="1"))

    page = text_of(staff.get(at(operator, "import", run.pk)))

    assert "O que mudaria" in page
    assert "cpf: " in page
    assert link.person.cpf not in page


def test_lines_are_narrowed_by_result(staff, operator):
    run = rehearsed(staff, operator, row("1"), row("2", cpf="1"))

    response = staff.get(at(operator, "import", run.pk), {"resultado": "rejected"})

    assert [line.code for line in response.context["page"].rows] == ["2"]
    assert response.context["page"].total == 1


def test_import_is_confirmed_on_its_page(staff, operator):
    run = rehearsed(staff, operator, row("1"))

    response = staff.post(at(operator, "import_confirm", run.pk), follow=True)
    process(run.pk)

    assert "A planilha está sendo importada." in text_of(response)
    assert list(Beneficiary.objects.values_list("code", flat=True)) == ["1"]


def test_import_that_is_in_says_so_and_leads_to_who_has_no_cns(staff, operator):
    run = rehearsed(staff, operator, row("1"))
    rehearsal = staff.get(at(operator, "import", run.pk)).content.decode()
    staff.post(at(operator, "import_confirm", run.pk))
    process(run.pk)

    imported = staff.get(at(operator, "import", run.pk)).content.decode()

    link = f'href="{at(operator, "people")}?cns=sem"'
    assert [(link in page, ">importada</span>" in page) for page in (rehearsal, imported)] == [
        (False, False),
        (True, True),
    ]


def test_import_that_does_not_wait_is_not_confirmed(staff, operator):
    run = rehearsed(staff, operator, row("1"))
    staff.post(at(operator, "import_cancel", run.pk))

    response = staff.post(at(operator, "import_confirm", run.pk), follow=True)

    assert "Esta importação não está à espera de uma decisão." in text_of(response)
    assert Beneficiary.objects.count() == 0


def test_columns_are_chosen_on_a_page_of_their_own(staff, operator):
    content = csv_file(row("1")).getvalue().replace(b"dataContratacao", "Inclusão".encode())

    response = send(staff, operator, content)
    run = ImportRun.objects.get()
    form = staff.get(response.url).context["form"]
    place = next(name for name, field in form.fields.items() if field.label == "Inclusão")
    chosen = {name: field.initial for name, field in form.fields.items()}
    refused = staff.post(at(operator, "import_columns", run.pk), chosen)
    staff.post(at(operator, "import_columns", run.pk), chosen | {place: "dataContratacao"})

    run.refresh_from_db()
    assert response.url == at(operator, "import_columns", run.pk)
    assert (refused.status_code, run.status) == (422, Status.QUEUED)
    assert "Falta dizer qual coluna é: data de contratação." in text_of(refused)


def test_one_column_is_not_chosen_twice(staff, operator):
    send(staff, operator, csv_file(row("1")).getvalue().replace(b"dataContratacao", "Inclusão".encode()))
    run = ImportRun.objects.get()
    form = staff.get(at(operator, "import_columns", run.pk)).context["form"]

    response = staff.post(at(operator, "import_columns", run.pk), dict.fromkeys(form.fields, "nome"))

    assert "Nome foi escolhida em mais de uma coluna. Deixe só uma." in text_of(response)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "O arquivo está vazio."),
        (b"\0PNG;\0\n", "não é texto"),
        (b"uma coluna so\n", "As colunas não estão separadas"),
    ],
)
def test_file_that_is_no_table_is_refused_beside_the_field(staff, operator, content, sentence):
    response = send(staff, operator, content)

    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].errors["sent"])
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cancelled_on": "01/12/2026", "is_everybody": "on"}, "cancellation_reason"),
        ({"cancellation_reason": "41", "is_everybody": "on"}, "cancelled_on"),
        ({"cancelled_on": "01/12/2026", "cancellation_reason": "41"}, "is_everybody"),
    ],
)
def test_cancelling_those_who_left_takes_a_day_a_reason_and_a_file_of_everybody(staff, operator, fields, field):
    response = send(staff, operator, csv_file(row("1")).getvalue(), **fields)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_receipt_is_downloaded_and_the_trail_says_so(staff, operator):
    run = rehearsed(staff, operator, row("1"), row("2", cpf="1"))

    response = staff.post(at(operator, "import_receipt", run.pk))

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0][:31]) == (3, "linha;codigoBeneficiario;result")
    assert AuditEvent.objects.get(kind="people.import_receipt").data == {"rows": 2}


def test_runs_are_listed_newest_first(staff, operator):
    first, second = rehearsed(staff, operator, row("1")), rehearsed(staff, operator, row("2"))

    response = staff.get(at(operator, "imports"))

    assert [run.pk for run in response.context["page"].rows] == [second.pk, first.pk]
