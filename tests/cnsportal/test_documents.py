"""What the documents point to is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _targets(document):
    """Relative links and pictures, without the place inside the page."""
    found = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    return {
        target.partition("#")[0] for target in found if "://" not in target and not target.startswith(("#", "mailto:"))
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document):
    assert {target for target in _targets(document) if not (document.parent / target).exists()} == set()


def test_every_picture_is_shown_somewhere():
    shown = {(document.parent / target).resolve() for document in DOCUMENTS for target in _targets(document)}

    assert {path.name for path in (ROOT / "docs" / "images").iterdir() if path.resolve() not in shown} == set()


def test_every_chapter_of_the_guide_is_reached_from_its_first_page():
    guide = ROOT / "docs" / "guia"

    assert {path.name for path in guide.glob("*.md")} - {"README.md"} <= _targets(guide / "README.md")
