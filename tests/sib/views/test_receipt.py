"""The page that sends the receipt of a conference: masked, or in full for a stated reason."""

import pytest
from django.urls import reverse

from beneficiaries.domain.identifiers import format_cns
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import cns
from tests.pages import signed_in, text_of
from tests.sib.receipts import read_table, records, three_links

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def links(operator):
    return three_links()


@pytest.fixture
def file(bring, links):
    return bring(*records(links))


def _address(operator, file):
    return reverse("sib:conference_receipt", args=[operator.registration, file.pk])


@pytest.mark.parametrize(
    ("kind", "content_type", "name"),
    [("csv", "text/csv; charset=utf-8", "csv"), ("xlsx", SPREADSHEET, "xlsx")],
)
def test_page_sends_the_file_masked_and_puts_it_on_record(operator, file, kind, content_type, name):
    client = signed_in(operator, Role.CONSULTA)

    response = client.post(_address(operator, file), {"kind": kind})
    content = b"".join(response.streaming_content)

    event = AuditEvent.objects.get(kind="cnx.exported")
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert response["Content-Disposition"] == f'attachment; filename="recibo-{file.pk}.{name}"'
    assert (content[:2] == b"PK", cns(1).encode() in content) == (kind == "xlsx", False)
    assert (event.subject_id, event.data) == (file.pk, {"format": kind, "in_full": False, "reason": ""})


def test_numbers_in_full_are_for_those_who_may_and_say_why(operator, file):
    client = signed_in(operator, Role.REVISAO)

    response = client.post(_address(operator, file), {"kind": "csv", "reason": "conferencia"})

    attached = read_table(b"".join(response.streaming_content).decode())[1]
    assert attached[6] == format_cns(cns(1))
    assert AuditEvent.objects.get(kind="cnx.exported").data == {
        "format": "csv",
        "in_full": True,
        "reason": "conferencia",
    }


def test_numbers_in_full_are_refused_to_others_and_nothing_is_sent(operator, file):
    client = signed_in(operator, Role.CONSULTA)

    response = client.post(_address(operator, file), {"kind": "csv", "reason": "conferencia"})

    assert response.status_code == 422
    assert "Seu perfil não permite números completos, ou o motivo não é da lista." in text_of(response)
    assert not AuditEvent.objects.filter(kind="cnx.exported").exists()
