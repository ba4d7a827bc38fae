"""The audit trail in words: what an event is about and where it comes from, without names of the code."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import reverse

from operators.audit import Event, EventKind, record
from operators.permissions import Role
from operators.views.audit_trail import source_in_words
from tests.exported_rows import rows
from tests.pages import signed_in, text_of

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("sib.conferencefile:12", "conferência 12"),
        ("cadsus.lookup:10026", "consulta 10026"),
        ("beneficiaries.beneficiary:3", "vínculo 3"),
        ("registry", "registry"),
        ("", ""),
    ],
)
def test_where_an_event_comes_from_is_said_in_words(source, words):
    assert source_in_words(source) == words


def test_page_and_export_say_what_an_event_is_about(operator):
    record([Event(EventKind.REVIEWS_DECIDED, "review_batch", 3)])

    page = text_of(signed_in(operator, Role.AUDITORIA).get(reverse("operators:audit", args=[operator.registration])))

    assert ("decisão em conjunto 3" in page, rows("audit")[0][3]) == (True, "decisão em conjunto 3")


def test_every_subject_of_an_event_is_a_model_with_a_name():
    apps_of_events = ("operators", "beneficiaries", "cadsus", "sib", "cards")
    code = "".join(path.read_text() for app in apps_of_events for path in (ROOT / app).rglob("*.py"))
    subjects = set(re.findall(r'Event\(\s*EventKind\.\w+,\s*"(\w+)"', code))
    models = {model.__name__.lower() for model in apps.get_models()}

    assert {subject for subject in subjects if subject.replace("_", "") not in models} == {"link"}
