"""No app names code of an app above or beside it in a string, where the import contracts cannot see it."""

import ast
import re

import pytest

from tests.cnsportal.layers import LAYERS, LEVELS
from tests.paths import ROOT

DOTTED = re.compile(r"([a-z_]+)(?:\.\w+)+(?::\w+)?")
DJANGO_ASKS = {"cnsportal/settings.py", "cnsportal/conf/beat_schedule.py", "cnsportal/urls.py"}


def _out_of_reach(app, source):
    """Strings of this app's module that are dotted names in an app above or beside it."""
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    found = {match[0]: match[1] for text in strings if isinstance(text, str) and (match := DOTTED.fullmatch(text))}
    return {name for name, other in found.items() if other != app and LEVELS.get(other, -len(LAYERS)) >= LEVELS[app]}


@pytest.mark.parametrize(
    ("app", "text", "found"),
    [
        ("operators", "cadsus.views.dashboard.expiry_panel", True),  # above
        ("sib", "cadsus.queries.night_report", True),  # beside
        ("cnsportal", "operators.middleware:portal", True),
        ("sib", "sib.urls.onboarding", False),  # its own
        ("cards", "beneficiaries.beneficiary", False),  # below
        ("operators", "django.contrib.auth", False),
        ("operators", "Guards of sib.queries.dependents", False),  # a sentence
        ("operators", "sib", False),
    ],
)
def test_which_strings_lead_out_of_reach(app, text, found):
    assert _out_of_reach(app, f"NAMES = [({text!r},)]") == ({text} if found else set())


def test_no_app_names_code_above_or_beside_it_in_a_string():
    modules = {path: path.relative_to(ROOT) for app in LEVELS for path in (ROOT / app).rglob("*.py")}
    found = {
        str(module): names
        for path, module in modules.items()
        if (names := _out_of_reach(module.parts[0], path.read_text())) and str(module) not in DJANGO_ASKS
    }

    assert (len(modules) > 400, found) == (True, {})
