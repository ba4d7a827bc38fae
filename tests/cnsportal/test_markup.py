"""What people wrote is shown as text: nothing of it becomes an element, and none of it acts."""

import re
from pathlib import Path

from django import forms
from django.conf import settings
from django.template.loader import render_to_string

ROOT = Path(settings.BASE_DIR)
APPS = ("beneficiaries", "cadsus", "cards", "cnsportal", "demo", "operators", "sib")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|autoescape\s+off|mark_safe\(|SafeString\(|\|safe\b|format_html\(f[\"']")
ACTS = re.compile(r"\shx-(?:get|post|put|patch|delete)=")
INCLUDED = re.compile(r'{% include "([^"]+)"')
KEY_AS_AMOUNT = re.compile(r"=\"[^\"]*{{ [\w.]*\b(?:pk|(?!auto_)\w+_id|version) }}")
PAYLOAD = "<i hx-post=/o/1/ hx-trigger=load>x</i>"


def of(paths, pattern):
    found = {path.relative_to(ROOT).as_posix(): pattern.findall(path.read_text(encoding="utf-8")) for path in paths}
    return {name: hits for name, hits in found.items() if hits}


def test_only_two_places_write_markup_unescaped():
    """A drawing that we make of an address of ours, and a constant."""
    assert of([*TEMPLATES, *CODE], UNESCAPED) == {
        "templates/mfa/totp/activate_form.html": ["|safe"],
        "beneficiaries/templatetags/people.py": ["mark_safe("],
    }


def test_a_key_goes_into_an_attribute_without_thousand_separators():
    """An address or a field that says "10.137" names no row."""
    assert of(TEMPLATES, KEY_AS_AMOUNT) == {}


class _Form(forms.Form):
    name = forms.CharField(label="Nome", help_text=f"Hoje: {PAYLOAD}")


def test_the_hint_of_a_field_is_text():
    html = render_to_string("components/field.html", {"field": _Form()["name"]})

    assert "Hoje: &lt;i hx-post=/o/1/ hx-trigger=load&gt;x&lt;/i&gt;" in html


def test_a_field_is_out_of_reach_of_htmx():
    html = render_to_string("components/field.html", {"field": _Form()["name"]})

    assert re.search(r"<div hx-disable class=\"field", html)


def _named(path):
    return path.relative_to(ROOT / "templates").as_posix()


def _within(name, texts):
    """The template and all that it includes, at any depth."""
    yield name
    for each in INCLUDED.findall(texts[name]):
        yield from _within(each, texts)


def test_htmx_works_on_pages_that_need_it_and_on_no_others():
    """Elsewhere it is shut off, so that whoever adds a part that acts has to open its page by name."""
    texts = {_named(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    pages = [name for name, text in texts.items() if '{% extends "base.html" %}' in text]

    acting = {name for name in pages if any(ACTS.search(texts[each]) for each in _within(name, texts))}

    assert {name for name in pages if "{% block htmx %}{% endblock %}" in texts[name]} == acting
    assert len(acting) == 15


def test_htmx_takes_no_code_and_no_address_of_others():
    base = (ROOT / "templates" / "base.html").read_text()

    assert [
        word in base for word in ('"allowEval": false', '"allowScriptTags": false', '"selfRequestsOnly": true')
    ] == [
        True,
        True,
        True,
    ]


def test_saving_is_called_by_one_verb():
    """``gravar``; files and keys are *guardados*, and the phone's page says so of what its reader keeps."""
    others = re.compile(r">\s*(?:Guardar|Salvar)\b")

    assert [path for path in TEMPLATES if "public" not in path.parts and others.search(path.read_text())] == []
