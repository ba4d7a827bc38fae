"""A permission that nothing asks for and an event that nothing records say more than the portal does."""

import re

from operators.audit import EventKind
from operators.permissions import Permission
from tests.paths import ROOT

APPS = ("operators", "beneficiaries", "sib", "cadsus", "cards")
DEFINITIONS = {"operators/audit.py", "operators/permissions.py"}

# Each with its reason; what comes into use has to leave these lists.
NOT_ASKED = {
    "MANAGE_STAFF": "access is granted by a command; there is no page for it yet",
}
NOT_RECORDED = {"CREDENTIAL_USED": "each question to DATASUS is a row of Exchange, which names its credential"}


def _named(vocabulary):
    """The members that the apps name, outside of the definition itself."""
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    text = "".join(path.read_text() for path in modules if str(path.relative_to(ROOT)) not in DEFINITIONS)
    return set(re.findall(rf"\b{vocabulary}\.([A-Z_]+)\b", text))


def test_every_permission_is_asked_for():
    assert {permission.name for permission in Permission} - _named("Permission") == set(NOT_ASKED)


def test_every_kind_of_event_is_recorded():
    assert {kind.name for kind in EventKind} - _named("EventKind") == set(NOT_RECORDED)
