"""No file that a spreadsheet opens makes it work something out."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from operators.formats.csv_tables import FORMULAS, Table, csv_line, neutral

ROOT = Path(settings.BASE_DIR)
WRITERS = re.compile(r"csv\.(?:writer|DictWriter)|xlsxwriter\.Workbook|openpyxl")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "'a", "''a"],
)
def test_what_a_spreadsheet_would_work_out_or_leave_out_is_text(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("", ""), ("Ana", "Ana"), (7, "7"), ("a'b", "a'b"), ("a=1", "a=1")]
)
def test_everything_else_is_as_it_was(value, text):
    assert neutral(value) == text


@given(st.text())
def test_no_cell_is_a_formula(text):
    cell = neutral(text)

    assert not cell.startswith(FORMULAS)
    assert cell.removeprefix("'") == text


def test_a_line_and_a_table_are_written_alike():
    output = io.StringIO(newline="")
    Table(output, ["nome", "fone"]).add({"fone": "+55 11", "nome": "=A;B", "outra": "x"})

    assert output.getvalue() == csv_line(["nome", "fone"]) + csv_line(["=A;B", "+55 11"])
    assert list(csv.reader(io.StringIO(output.getvalue()), delimiter=";"))[1] == ["'=A;B", "'+55 11"]


def test_every_other_writer_of_tables_is_known():
    """They write what the portal invents itself, or put each cell through ``neutral`` (cards, receipts)."""
    apps = ("beneficiaries", "cadsus", "cards", "cnsportal", "datasus_simulator", "demo", "operators", "sib")
    found = {
        path.relative_to(ROOT).as_posix(): "neutral" in text
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if WRITERS.search(text := path.read_text(encoding="utf-8"))
    }

    assert found == {
        "demo/synthetic/csv_rows.py": False,
        "datasus_simulator/training_files.py": False,
        "demo/scenario.py": False,
        "demo/management/commands/generate_cnx.py": False,
        "cards/render/batch_outputs.py": True,
        "operators/formats/csv_tables.py": True,
        "operators/formats/xlsx_tables.py": True,
    }
