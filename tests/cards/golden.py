"""Renders that somebody looked at. After a change of the layout that is meant: ``python -m tests.cards.golden``."""

from pathlib import Path

from cards.catalogue import Side
from cards.rendering import render_png, render_sheet_png
from tests.cards.subjects import EVERY_CASE, issued

FOLDER = Path(__file__).parent / "golden"
PPI = 150
SHEET_PPI = 72


def path(name: str, side: Side) -> Path:
    return FOLDER / f"{name}-{side.name.lower()}.png"


def sheet_path(name: str) -> Path:
    return FOLDER / f"{name}-sheet.png"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, subject in EVERY_CASE.items():
        for side in Side:
            path(name, side).write_bytes(render_png(issued(subject), side, PPI))
        sheet_path(name).write_bytes(render_sheet_png(issued(subject), SHEET_PPI)[0])
