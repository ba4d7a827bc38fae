"""The receipt of a conference: one line for each record that was not equal, as a spreadsheet and its reader take it."""

import csv
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from django.utils.timezone import localtime
from python_calamine import CalamineWorkbook

from beneficiaries.domain.identifiers import format_cns, format_cpf, mask_cpf
from operators.models import AuditEvent
from operators.permissions import Role
from sib.domain.reconcile import Outcome
from sib.models import Difference
from sib.services.conferences import receipt
from sib.services.conferences.receipt import COLUMNS, csv_lines, rows, write_xlsx
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.cns_numbers import hold
from tests.sib.files import record

NAME = "Maria Aparecida Exemplo Z"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def links(operator):
    """Somebody ANS gives a number, somebody whose mother has another name there, and somebody who is equal."""
    new, other, same = (BeneficiaryFactory(person__name=NAME, cco=f"{at:012d}") for at in (1, 2, 3))
    hold(other, cns(2))
    hold(same, cns(3))
    return {"new": new, "other": other, "same": same}


@pytest.fixture
def file(bring, links):
    return bring(
        record(links["new"], cns=cns(1)),
        record(links["other"], cns=cns(2), nomeMae="OUTRA MÃE QUALQUER"),
        record(links["same"], cns=cns(3)),
        record(links["new"], cco="000000000009", cpf="52998224725", nome="ZULMIRA PAZ", codigoBeneficiario="X9"),
    )


def _address(operator, file):
    return reverse("sib:conference_receipt", args=[operator.registration, file.pk])


def _covered(text):
    return text.replace("*", "•")


def _table(content):
    return list(csv.reader(StringIO(content.removeprefix("\ufeff")), delimiter=";"))


def _sheets(content):
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_receipt_tells_of_each_record_what_came_of_it(file, links):
    new, other = links["new"].person, links["other"].person
    at = localtime(file.differences.get(outcome="CNS_NEW").applied_at).strftime("%d/%m/%Y %H:%M")
    other_mother = f"Nome da mãe: no cadastro «{other.mother_name}», na ANS «OUTRA MÃE QUALQUER» (diferente)"

    heading, attached, stranger, differing, equal = _table("".join(csv_lines(file)))

    assert heading == list(COLUMNS)
    assert attached == [
        "1", "8", "000000000001", NAME, _covered(mask_cpf(new.cpf)), "CNS novo", f"••• •••• •••• {cns(1)[-4:]}", "A",
        "CPF, nascimento e nome são iguais.", "", "vinculado", at,
    ]  # fmt: skip
    assert stranger[2:6] == ["000000000009", "ZULMIRA PAZ", "•••.982.247-••", "só na ANS"]
    assert (differing[5], differing[9]) == ("dados diferentes", other_mother)
    assert equal == ["", "", "", "", "", "igual", "", "", "1 registro igual, não listado", "", "", ""]


def test_receipt_in_full_shows_the_numbers(file, links):
    attached = next(rows(file, in_full=True))

    assert (attached[4], attached[6]) == (format_cpf(links["new"].person.cpf), format_cns(cns(1)))


def test_receipt_reads_every_record_once_whatever_the_chunk(file, monkeypatch):
    whole = list(rows(file))

    monkeypatch.setattr(receipt, "CHUNK_SIZE", 1)

    assert list(rows(file)) == whole
    assert len(whole) == 3


def test_workbook_sums_up_and_lists_the_same(file, tmp_path):
    write_xlsx(file, path := tmp_path / "recibo.xlsx")

    sheets = _sheets(path.read_bytes())

    summary = dict(sheets["Resumo"])
    listed = [tuple(map(str, row)) for row in sheets["Diferenças"]]
    assert list(sheets) == ["Resumo", "Diferenças"]
    assert (summary["Registros"], summary["igual"], summary["CNS novo"], summary["vinculado"]) == ("4", "1", "1", "1")
    assert listed == [COLUMNS, *rows(file)]


def test_workbook_takes_as_many_sheets_as_the_records_need(file, tmp_path):
    write_xlsx(file, path := tmp_path / "recibo.xlsx", sheet_rows=2)

    sheets = _sheets(path.read_bytes())

    assert {name: len(content) for name, content in sheets.items() if name != "Resumo"} == {
        "Diferenças": 3,
        "Diferenças 2": 2,
    }


def test_a_name_that_looks_like_a_formula_is_text_in_the_receipt(bring, operator):
    link = BeneficiaryFactory(person__name='=HYPERLINK("http://x.invalid")', cco="000000000001")
    file = bring(record(link, cns=cns(1)))

    assert next(rows(file))[3] == '\'=HYPERLINK("http://x.invalid")'


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

    attached = _table(b"".join(response.streaming_content).decode())[1]
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


def test_receipt_has_words_for_every_outcome(operator, file):
    """Each is listed in some group, and each line says which it is."""
    Difference.objects.filter(file=file).delete()
    for at, outcome in enumerate(Outcome):
        if outcome is not Outcome.EQUAL:
            Difference.objects.create(operator=operator, file=file, position=at, cco=f"{at:012d}", outcome=outcome.name)
    file.outcomes = {outcome.name: 1 for outcome in Outcome}

    told = [row[5] for row in rows(file)]

    assert sorted(told) == sorted(outcome.value for outcome in Outcome if outcome is not Outcome.EQUAL)
