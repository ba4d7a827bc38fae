"""Renders that somebody looked at. After a change of the layout that is meant: ``python -m tests.cards.golden``."""

from dataclasses import replace
from functools import reduce
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from cards.domain.catalogue import Side
from cards.domain.logos import read_logo
from cards.domain.theme import Theme
from cards.render.documents import render_png, render_sheet_png
from tests.cards.subjects import COMPANY, EVERY_CASE, issued

FOLDER = Path(__file__).parent / "golden"
PPI = 150
SHEET_PPI = 72
NOTICEABLE = 48  # of 255, in any of the three colours


def _emblem():
    """A logo as an operator might have: a leaf on a disc, on nothing."""
    picture = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((100, 0, 299, 199), fill="#5b1a66")
    pen.chord((140, 20, 300, 180), 125, 305, fill="#f2a33a")
    content = BytesIO()
    picture.save(content, "PNG")
    return read_logo(content.getvalue())


LOGO = _emblem()
LOGOS = {LOGO.sha256: LOGO.content}
THEME = Theme("#5b1a66", "#fdf3d8", LOGO.sha256, LOGO.ratio)
FACES = {
    **{name: issued(subject) for name, subject in EVERY_CASE.items()},
    "themed": replace(issued(COMPANY), theme=THEME),
}


def path(name: str, side: Side) -> Path:
    return FOLDER / f"{name}-{side.name.lower()}.png"


def sheet_path(name: str) -> Path:
    return FOLDER / f"{name}-sheet.png"


def side_of(name: str, side: Side) -> bytes:
    return render_png(FACES[name], side, PPI, LOGOS)


def sheet_of(name: str) -> bytes:
    (page,) = render_sheet_png(FACES[name], SHEET_PPI, LOGOS)  # even the fullest
    return page


def difference(made: bytes, seen: Path) -> float:
    """The share of the points that differ noticeably; all of them where the sizes do."""
    one, other = Image.open(BytesIO(made)).convert("RGB"), Image.open(seen).convert("RGB")
    if one.size != other.size:
        return 1.0
    most = reduce(ImageChops.lighter, ImageChops.difference(one, other).split())
    return sum(most.histogram()[NOTICEABLE + 1 :]) / (one.width * one.height)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in FACES:
        for side in Side:
            path(name, side).write_bytes(side_of(name, side))
        sheet_path(name).write_bytes(sheet_of(name))
