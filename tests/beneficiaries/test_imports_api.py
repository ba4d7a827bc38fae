"""Spreadsheets that another system sends."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.authtoken.models import Token

from beneficiaries.models import Beneficiary, ImportRun
from beneficiaries.services.csv_import.import_jobs import process
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.beneficiaries.csv_files import csv_file, row
from tests.factories import MembershipFactory, OperatorFactory


@pytest.fixture
def erp(settings, tmp_path, db):
    settings.CNSPORTAL_DATA = tmp_path
    operator = OperatorFactory()
    token = Token.objects.create(user=MembershipFactory(operator=operator, role=Role.CADASTRO).user)
    client = Client(headers={"Authorization": f"Token {token.key}"})
    client.operator, client.address = operator, f"/o/{operator.registration}/api/v1/importacoes/"
    return client


def send(erp, content, query="?nome=base.csv"):
    return erp.post(f"{erp.address}{query}", content, content_type="application/octet-stream")


def work(erp):
    with operator_context(erp.operator.pk):
        run = ImportRun.objects.latest("pk")
        process(run.pk)
        return Beneficiary.objects.count()


def test_body_is_rehearsed_and_its_state_is_asked_for(erp):
    answer = send(erp, csv_file(row("1"), row("2", cpf="1")).getvalue())
    count = work(erp)

    state = erp.get(answer.json()["estado"]).json()
    assert (answer.status_code, count, state["situacao"], state["ensaio"]) == (202, 0, Status.WAITING, True)
    assert state["contagens"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}


def test_form_is_imported_without_waiting_where_that_is_asked_for(erp):
    file = SimpleUploadedFile("base.csv", csv_file(row("1")).getvalue())

    answer = erp.post(f"{erp.address}?fazer=importar", {"arquivo": file})

    assert (answer.status_code, work(erp)) == (202, 1)
    assert erp.get(answer.json()["estado"]).json()["situacao"] == Status.DONE


def test_receipt_is_on_the_trail(erp):
    answer = send(erp, csv_file(row("1")).getvalue())
    work(erp)

    receipt = erp.get(erp.get(answer.json()["estado"]).json()["recibo"])

    assert b"".join(receipt.streaming_content).decode("utf-8-sig").startswith("linha;codigoBeneficiario;resultado")
    with operator_context(erp.operator.pk):
        assert AuditEvent.objects.filter(kind="people.import_receipt").count() == 1


@pytest.mark.parametrize(
    ("content", "query", "field"),
    [
        (b"", "", "arquivo"),
        (b"uma coluna\n", "", "arquivo"),
        (b"a;b\n", "?fazer=tudo", "fazer"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(erp, content, query, field):
    answer = send(erp, content, query)

    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_unknown_headings_wait_for_somebody(erp):
    content = csv_file(row("1")).getvalue().replace(b"dataContratacao", b"Entrou em")

    state = send(erp, content, "?fazer=importar").json()

    assert (state["situacao"], state["faltaDizerAsColunas"], state["recibo"]) == (Status.WAITING, True, None)


def test_import_of_another_operator_is_not_there(erp):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        other = ImportRun.objects.create(operator=operator, name="x", path="/x", receipt="/x")

    assert erp.get(f"{erp.address}{other.pk}/").status_code == 404
