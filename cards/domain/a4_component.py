"""The A4 componente cadastral: every item of the norm in force for a face, with its whole label. Pure."""

from typing import Any

from cards.domain.catalogue import CATALOGUE, Item, Section, item
from cards.domain.face import CardFace


def sections_of(face: CardFace) -> list[dict[str, Any]]:
    """What the template shows: sections of rows, each with the item's number, label and texts."""
    rows = {section: _rows(face, section) for section in Section}
    return [{"title": section.value, "rows": found} for section, found in rows.items() if found]


def _rows(face: CardFace, section: Section) -> list[dict[str, Any]]:
    items = [item(printed.key) for printed in face.fields]
    told = {entry.number for entry in items}
    absent = [entry for entry in CATALOGUE if entry.absent and entry.number not in told]
    shown = sorted((entry for entry in (*items, *absent) if entry.section is section), key=lambda entry: entry.number)
    return [_row(face, entry) for entry in shown]


def _row(face: CardFace, entry: Item) -> dict[str, Any]:
    text = face[entry.key] or entry.absent
    lines = text.split(" · ") if entry.key == "waiting" else [text]
    return {"number": entry.number, "label": entry.label, "lines": lines}
