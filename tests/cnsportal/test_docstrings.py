"""What docstrings promise is there: every error that one says it raises has a class of that name."""

import ast
import builtins
import re

from tests.paths import ROOT

RAISES = re.compile(r"\b[Rr]aises?\s+((?:one of )?[A-Z]\w+(?:(?:,| or| and)\s+[A-Z]\w+)*)")
APPS = ("beneficiaries", "cadsus", "cards", "cnsportal", "datasus_simulator", "demo", "operators", "sib")


def test_every_error_that_a_docstring_names_exists():
    trees = {path: ast.parse(path.read_text()) for app in APPS for path in (ROOT / app).rglob("*.py")}
    known = set(dir(builtins)).union(*(_names(tree) for tree in trees.values()))

    missing = {(path.name, error) for path, tree in trees.items() for error in _promised(tree) - known}
    assert missing == set()


def _names(tree):
    """Classes, imports and constants: an error may be a tuple of several."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _promised(tree):
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented)]
    return {name for text in texts for found in RAISES.findall(text) for name in re.findall(r"[A-Z]\w+", found)}
