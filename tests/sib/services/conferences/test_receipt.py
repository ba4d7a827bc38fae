"""The receipt of a conference: one line for each record that was not equal, as a spreadsheet and its reader take it."""

import csv
from io import BytesIO

import pytest
from django.utils.timezone import localtime
from python_calamine import CalamineWorkbook

from beneficiaries.domain.identifiers import format_cns, format_cpf, mask_cpf
from sib.domain.reconcile import Outcome
from sib.models import Difference
from sib.services.conferences import receipt
from sib.services.conferences.receipt import COLUMNS, csv_lines, rows, write_xlsx
from tests.factories import BeneficiaryFactory, cns
from tests.sib.files import record
from tests.sib.receipts import NAME, read_table, records, three_links


@pytest.fixture
def links(operator):
    return three_links()


@pytest.fixture
def file(bring, links):
    return bring(*records(links))


def _covered(text):
    return text.replace("*", "•")


def _sheets(content):
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_receipt_tells_of_each_record_what_came_of_it(file, links):
    new, other = links["new"].person, links["other"].person
    at = localtime(file.differences.get(outcome="CNS_NEW").applied_at).strftime("%d/%m/%Y %H:%M")
    other_mother = f"Nome da mãe: no cadastro «{other.mother_name}», na ANS «OUTRA MÃE QUALQUER» (diferente)"

    heading, attached, stranger, differing, equal = read_table("".join(csv_lines(file)))

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


def test_a_name_that_looks_like_a_formula_is_text_in_the_receipt(bring, operator, tmp_path):
    link = BeneficiaryFactory(person__name='=HYPERLINK("http://x.invalid")', cco="000000000001")
    file = bring(record(link, cns=cns(1)))
    write_xlsx(file, path := tmp_path / "recibo.xlsx")

    lines = list(csv.reader("".join(csv_lines(file)).splitlines(), delimiter=";"))
    told = [lines[1][3], _sheets(path.read_bytes())["Diferenças"][1][3]]
    assert told == ['\'=HYPERLINK("http://x.invalid")'] * 2


def test_receipt_has_words_for_every_outcome(operator, file):
    """Each is listed in some group, and each line says which it is."""
    Difference.objects.filter(file=file).delete()
    for at, outcome in enumerate(Outcome):
        if outcome is not Outcome.EQUAL:
            Difference.objects.create(operator=operator, file=file, position=at, cco=f"{at:012d}", outcome=outcome.name)
    file.outcomes = {outcome.name: 1 for outcome in Outcome}

    told = [row[5] for row in rows(file)]

    assert sorted(told) == sorted(outcome.value for outcome in Outcome if outcome is not Outcome.EQUAL)
