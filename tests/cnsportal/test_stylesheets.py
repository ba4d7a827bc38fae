"""Every class that a page names has its rule, so that a renamed one is renamed on both sides."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if path.parent.name != "mail"]
STYLED = {
    name
    for sheet in (ROOT / "static" / "css").glob("*.css")
    for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text(encoding="utf-8"))
}
TAG = r"\{[{%].*?[}%]\}"
CLASSES = re.compile(rf'class="((?:{TAG}|[^"])*)"')
TONE = re.compile(r"""tone=["'](\w+)["']""")


def _classes(text):
    """Those that stand in full; not those of which a tag gives a part."""
    for value in CLASSES.findall(text):
        yield from (name for name in re.sub(TAG, "\0", value).split() if "\0" not in name.strip("\0"))


def _unstyled(text):
    named = {name.strip("\0") for name in _classes(text)} | {f"tone-{tone}" for tone in TONE.findall(text)}
    return {name for name in named if not name.endswith(("-", "_"))} - {""} - STYLED


def test_every_class_of_a_page_has_its_rule():
    found = {path.name: _unstyled(path.read_text(encoding="utf-8")) for path in TEMPLATES}

    assert {name: classes for name, classes in found.items() if classes} == {}


def test_every_rule_is_of_a_class_that_something_names():
    """In full, or by the part before a tag: ``digital__{{ field.key }}``."""
    folders = ("templates", "static", "operators", "beneficiaries", "sib", "cadsus", "cards", "datasus_simulator")
    sources = [path for name in folders for path in (ROOT / name).rglob("*") if path.suffix in {".html", ".py", ".js"}]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r"[a-z][\w-]*", text))
    begun = tuple(re.findall(r"([a-z]\w*(?:__|--?))\{[{%]", text))

    assert {name for name in STYLED - named if not name.startswith(begun)} == set()
