"""What the suite promises of itself."""

import ast

from tests.order import LONGEST_FIRST
from tests.paths import ROOT

TESTS = ROOT / "tests"


def test_modules_that_are_begun_first_are_there():
    assert [name for name in LONGEST_FIRST if not (TESTS / name).is_file()] == []


def _imported(module):
    """The modules that a module may import: names after ``from … import`` may be modules as well."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_no_module_imports_a_test_module_or_a_conftest():
    private = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in TESTS.rglob("*.py")
        if path.name == "conftest.py" or path.name.startswith("test_")
    }

    assert {
        (str(path.relative_to(ROOT)), name)
        for path in TESTS.rglob("*.py")
        for name in _imported(path)
        if name in private
    } == set()
