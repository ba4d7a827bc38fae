"""No app leads to a page of an app above or beside it by its URL name, or uses its templates or template tags.

What leads upwards is registered by the app above: the menu, tools of the header, panels, targets of links.
"""

import re

import pytest

from tests.cnsportal.layers import LEVELS
from tests.paths import ROOT

APPS = ("operators", "beneficiaries", "sib", "cadsus", "cards")
NAMED = re.compile(rf"\b({'|'.join(APPS)})(?::[a-z_]+|/[a-z_/]+\.html)")
LOADED = re.compile(r"\{% load ([a-z_ ]+) %\}")
TAGS = {path.stem: app for app in APPS for path in (ROOT / app / "templatetags").glob("[!_]*.py")}


def _out_of_reach(app, text):
    named = [(match[0], match[1]) for match in NAMED.finditer(text)]
    named += [(tags, TAGS[tags]) for match in LOADED.finditer(text) for tags in match[1].split() if tags in TAGS]
    return {name for name, other in named if other != app and LEVELS[other] >= LEVELS[app]}


def _texts():
    """By file: its app and what it says. What every page is made of belongs to operators, whose pages come first."""
    for app in ("cnsportal", *APPS):
        yield from ((path, app) for path in (ROOT / app).rglob("*.py"))
    for path in (ROOT / "templates").rglob("*.*"):
        folder = path.relative_to(ROOT / "templates").parts[0]
        yield path, folder if folder in APPS else "operators"


@pytest.mark.parametrize(
    ("app", "text", "found"),
    [
        ("operators", "{% operator_url 'cards:theme' %}", {"cards:theme"}),
        ("sib", 'reverse("cadsus:lookups")', {"cadsus:lookups"}),
        ("beneficiaries", '{% include "sib/_movement.html" %}', {"sib/_movement.html"}),
        ("cnsportal", 'redirect("operators:dashboard")', {"operators:dashboard"}),
        ("cards", "{% operator_url 'beneficiaries:person' 1 %}", set()),  # below
        ("cards", 'template = "cards/card.html"', set()),  # its own
        ("operators", "{% load humanize people portal %}", {"people"}),
        ("operators", 'origin = "sib.conferencefile:12"', set()),
    ],
)
def test_which_names_lead_out_of_reach(app, text, found):
    assert _out_of_reach(app, text) == found


def test_no_app_leads_to_a_page_above_or_beside_it():
    texts = list(_texts())
    led = {str(path.relative_to(ROOT)): _out_of_reach(app, path.read_text()) for path, app in texts}
    found = {path: names for path, names in led.items() if names}

    assert (len(texts) > 500, found) == (True, {})
