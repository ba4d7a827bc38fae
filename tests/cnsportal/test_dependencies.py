"""What the product imports is declared, so that no other package's change can take it away."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = PROJECT["tool"]["importlinter"]["root_packages"]


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(path):
    """The top-level packages of a module's imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_every_package_that_is_imported_is_declared():
    declared = {_normal(re.split(r"[\[<>=; ]", wish)[0]) for wish in PROJECT["project"]["dependencies"]}
    files = [path for package in OURS for path in (ROOT / package).rglob("*.py")]
    imported = {name for path in files for name in _imported(path)} - set(OURS) - set(sys.stdlib_module_names)

    whose = packages_distributions()
    undeclared = {name for name in imported if not declared & {_normal(each) for each in whose.get(name, [name])}}
    assert (len(files) > 300, undeclared) == (True, set())
