"""The operator's file as a workbook: nothing of a cell is lost that Excel has kept."""

import io
from datetime import date, datetime

import pytest
import xlsxwriter

from beneficiaries.domain.csv_reader import read
from beneficiaries.formats import xlsx_records
from beneficiaries.formats.csv_records import InvalidFile
from tests.beneficiaries.csv_files import GOOD_ROW, TODAY, read_row

CONTRACTED = datetime(2021, 7, 1, 8, 30)  # noqa: DTZ001  (workbooks know no zones)
CELLS = GOOD_ROW | {"cpf": 11144477735, "dataNascimento": date(1984, 2, 29), "dataContratacao": CONTRACTED}


def workbook(*rows: list[object], blank_rows=0, blank_sheets=0):
    """A file of these rows; dates are kept as Excel keeps them."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for _ in range(blank_sheets):
            book.add_worksheet()
        sheet = book.add_worksheet()
        for line, cells in enumerate(rows, start=blank_rows):
            for column, value in enumerate(cells):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, value, day)
                else:
                    sheet.write(line, column, value)
    content.seek(0)
    return content


def only_row(blank_rows=0, blank_sheets=0, **changes):
    cells = CELLS | changes
    (row,) = read(
        workbook(list(cells), list(cells.values()), blank_rows=blank_rows, blank_sheets=blank_sheets), today=TODAY
    )
    return row


def refusal(content):
    with pytest.raises(InvalidFile) as refused:
        list(read(io.BytesIO(content), today=TODAY))
    return str(refused.value)


def test_workbook_says_what_the_same_table_says_as_csv():
    row = only_row()

    assert (row.line, row.problems, row.values) == (2, (), read_row().values)


def test_workbook_is_numbered_as_excel_numbers_it():
    assert only_row(blank_rows=3, blank_sheets=1).line == 5


@pytest.mark.parametrize(
    ("column", "cell", "meant"),
    [
        ("codigoBeneficiario", "000123", "000123"),
        ("codigoBeneficiario", 123, "123"),
        ("cpf", "00000000191", "00000000191"),
        ("cpf", 191, "00000000191"),
        ("cpf", 191.0, "00000000191"),
        ("cns", 700000001234573, "700000001234573"),
        ("cns", None, ""),
        ("cep", 1310100, "01310100"),
        ("telefone", 5511999990000, "5511999990000"),
        ("codigoMunicipio", 3550308, "355030"),
        ("empresarioIndividual", True, "S"),
        ("complemento", 1.5, "1.5"),
    ],
)
def test_cell_is_read_as_it_was_meant(column, cell, meant):
    assert only_row(**{column: cell, "numeroContrato": "1"}).text(column) == meant


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        (
            "codigoBeneficiario",
            12345678901234567,
            "codigoBeneficiario: veio em notação científica; formate a coluna como texto e exporte de novo.",
        ),
        ("dataNascimento", 30746, "dataNascimento: não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."),
        ("cpf", 191.5, "cpf: deve ter 11 algarismos."),
    ],
)
def test_cell_that_lost_something_costs_its_row(column, cell, problem):
    assert [str(one) for one in only_row(**{column: cell}).problems] == [problem]


def test_workbook_without_a_row_is_refused():
    assert refusal(workbook().getvalue()) == "A planilha está vazia. Confira se a exportação terminou."


def test_workbook_without_the_columns_is_refused():
    assert refusal(workbook(["a", "b"]).getvalue()).startswith("Falta a coluna codigoBeneficiario")


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1", workbook([1]).getvalue()[:200]])
def test_workbook_that_does_not_open_is_refused(content):
    assert refusal(content).startswith("A planilha não abre.")


def test_workbook_that_unpacks_to_too_much_is_refused_unread(monkeypatch):
    monkeypatch.setattr(xlsx_records, "MAX_UNPACKED_BYTES", 1000)

    sentence = "A planilha é grande demais para ser lida de uma vez. Salve-a como CSV."
    assert refusal(workbook(list(GOOD_ROW)).getvalue()) == sentence


def far_away(cell):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(GOOD_ROW))
        sheet.write_row(1, 0, list(GOOD_ROW.values()))
        sheet.write(cell, "x")
    return content.getvalue()


@pytest.mark.parametrize("cell", ["XFD1048576", "AAA3", "DA1048576"])
def test_workbook_of_which_a_cell_is_far_away_is_refused_unread(cell):
    assert refusal(far_away(cell)).startswith("A planilha tem células muito à direita da tabela.")


def test_far_cell_is_found_wherever_the_sheet_is_cut(monkeypatch):
    monkeypatch.setattr(xlsx_records, "_CHUNK_BYTES", 7)

    assert refusal(far_away("XFD1048576")).startswith("A planilha tem células muito à direita da tabela.")


def test_workbook_with_a_note_beside_the_table_is_read():
    (row,) = read(io.BytesIO(far_away("CZ1")), today=TODAY)

    assert row.problems == ()


def test_hidden_sheet_is_not_read():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        lists, sheet = book.add_worksheet("listas"), book.add_worksheet("beneficiários")
        lists.write_row(0, 0, ["F", "M"])
        lists.hide()
        sheet.activate()
        sheet.write_row(0, 0, list(GOOD_ROW))
        sheet.write_row(1, 0, list(GOOD_ROW.values()))

    assert len(list(read(content, today=TODAY))) == 1
