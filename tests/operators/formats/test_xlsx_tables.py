"""Tables as workbooks."""

from python_calamine import CalamineWorkbook

from operators.formats.xlsx_tables import Sheets, workbook, write_xlsx


def sheets(path):
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_cells_are_text_and_none_is_a_formula(tmp_path):
    write_xlsx(path := tmp_path / "a.xlsx", ["Nome", "CPF"], [["=1+1", "01"], ["Ana", None]])

    assert sheets(path) == {"Lista": [["Nome", "CPF"], ["'=1+1", "01"], ["Ana", ""]]}


def test_a_table_without_rows_has_its_heading(tmp_path):
    write_xlsx(path := tmp_path / "a.xlsx", ["Nome"], [])

    assert sheets(path) == {"Lista": [["Nome"]]}


def test_rows_go_on_in_another_sheet(tmp_path):
    with workbook(path := tmp_path / "a.xlsx") as book:
        written = Sheets(book, "Pessoas", ["Nome"], sheet_rows=2)
        for name in "abc":
            written.add([name])

    assert sheets(path) == {"Pessoas": [["Nome"], ["a"], ["b"]], "Pessoas 2": [["Nome"], ["c"]]}
