import ast
import re

import pytest

from cnsportal.db.sql_files import read_statements
from tests.paths import ROOT


@pytest.fixture
def sql_file(tmp_path):
    def write(text):
        path = tmp_path / "example.sql"
        path.write_text(text, encoding="utf-8")
        return read_statements(str(path))

    return write


def test_statements_are_read_by_name(sql_file):
    statements = sql_file(
        "-- What stands in front of the first name is about the file.\n\n"
        "-- name: first\nSELECT 1\n  FROM {rows}\n\n-- name: second\n-- Why.\nSELECT %(value)s\n"
    )

    assert statements == {"first": "SELECT 1\n  FROM {rows}", "second": "-- Why.\nSELECT %(value)s"}


def test_parts_stand_in_the_statements_below_them(sql_file):
    statements = sql_file(
        "-- part: active\nsince IS NULL\n-- part: ours\n-- Why.\n{active} AND code ~ '{{2}}'\n"
        "-- name: first\nSELECT FROM {rows} WHERE {ours} AND {{active}}\n-- name: second\nSELECT {first}, {active}\n"
    )

    assert statements == {
        "first": "SELECT FROM {rows} WHERE -- Why.\nsince IS NULL AND code ~ '{{2}}' AND {{active}}",
        "second": "SELECT {first}, since IS NULL",
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n", "example.sql: a name stands twice"),
        ("-- part: one\n1\n-- name: one\nSELECT {one}\n", "example.sql: a name stands twice"),
        ("SELECT 1\n-- name: one\nSELECT 2\n", "example.sql: a statement has no name"),
    ],
)
def test_file_that_is_not_in_order_is_refused(sql_file, text, fault):
    with pytest.raises(ValueError, match=fault):
        sql_file(text)


SQL_FILES = pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*/sql/*.sql")), ids=lambda path: str(path.relative_to(ROOT))
)


@SQL_FILES
def test_every_statement_is_asked_for_by_its_name(path):
    code = "".join(module.read_text(encoding="utf-8") for module in path.parents[1].rglob("*.py"))

    assert [name for name in read_statements(str(path)) if f'"{name}"' not in code] == []


def _asked(source):
    """(file, name) of each statement that a module asks for, in ``_SQL["name"]`` or by a function of the module that
    is given the name first.
    """
    tree = ast.parse(source)
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "_SQL"]
    names = [use.slice for use in uses]
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.args.args):
        if any(use in uses and ast.unparse(use.slice) == function.args.args[0].arg for use in ast.walk(function)):
            calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
            names += [call.args[0] for call in calls if ast.unparse(call.func) == function.name]
    [path] = re.findall(r'^_SQL = read_statements\("(.+)"\)$', source, re.MULTILINE)
    return {(path, name.value) for name in names if isinstance(name, ast.Constant)}


def test_statements_that_are_asked_for_are_found():
    source = (
        '_SQL = read_statements("a/sql/b.sql")\n_FIRST = _SQL["first"]\n'
        'def run(name, more):\n    return _SQL[name] + more\ndef go():\n    return run("second", "other")\n'
    )

    assert _asked(source) == {("a/sql/b.sql", "first"), ("a/sql/b.sql", "second")}


def test_every_statement_that_is_asked_for_is_there():
    sources = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("[a-z]*/**/*.py")) if path.is_file()]
    asked = {use for source in sources if "\n_SQL = read_statements(" in source for use in _asked(source)}

    assert (len(asked) > 100, [(path, name) for path, name in asked if name not in read_statements(path)]) == (True, [])


@SQL_FILES
def test_no_comment_of_a_statement_holds_what_would_be_filled_in(path):
    text = "\n".join(read_statements(str(path)).values())

    assert re.findall(r"--.*[{}%].*", text) == []
