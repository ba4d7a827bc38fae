"""Positions of cards on A4 sheets for cutting (n-up): one definition for files and tests. Pure.

Millimetres from the upper left corner of the sheet. Whichever way the printer turns the paper, a card that was cut out
has both sides upright when it is turned over like the page of a book.
"""

from dataclasses import dataclass
from typing import Any

from cards.render.layout import HEIGHT, WIDTH

SHEET_WIDTH, SHEET_HEIGHT = 210.0, 297.0
COLUMNS = {2: 1, 4: 2, 8: 2, 10: 2}  # by the number of cards on a sheet
GAP_MM = 4.0  # between two cards: a mark from each side, and room to cut twice
MARK, OFF = 3.0, 0.6  # length of a crop mark, and its distance from the corner
FLIPS = ("long", "short")


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float
    turned: bool = False  # by half a turn


@dataclass(frozen=True, slots=True)
class Sheet:
    up: int
    flip: str = "long"
    marks: bool = True

    @property
    def fronts(self) -> list[Spot]:
        """Left to right, then down."""
        columns = COLUMNS[self.up]
        rows = self.up // columns
        left = (SHEET_WIDTH - columns * WIDTH - (columns - 1) * GAP_MM) / 2
        top = (SHEET_HEIGHT - rows * HEIGHT - (rows - 1) * GAP_MM) / 2
        return [
            Spot(left + column * (WIDTH + GAP_MM), top + row * (HEIGHT + GAP_MM))
            for row in range(rows)
            for column in range(columns)
        ]

    @property
    def backs(self) -> list[Spot]:
        """Behind each front: mirrored about the edge that the paper is turned on."""
        if self.flip == "long":
            return [Spot(SHEET_WIDTH - spot.x - WIDTH, spot.y) for spot in self.fronts]
        return [Spot(spot.x, SHEET_HEIGHT - spot.y - HEIGHT, turned=True) for spot in self.fronts]

    @property
    def crop_marks(self) -> list[tuple[float, float, float, float]]:
        """Lines from (x, y) to (x, y) at the four corners of each card, none of them on a card."""
        return [mark for spot in self.fronts for mark in _corners(spot)] if self.marks else []

    def as_json(self) -> dict[str, Any]:
        """As a printer needs it (cards.render.imposition)."""
        return {
            "width": SHEET_WIDTH,
            "height": SHEET_HEIGHT,
            "fronts": [_spot(spot) for spot in self.fronts],
            "backs": [_spot(spot) for spot in self.backs],
            "marks": [list(mark) for mark in self.crop_marks],
        }


def _corners(spot: Spot) -> list[tuple[float, float, float, float]]:
    """Half as long where the next card is near."""
    length = min(MARK, GAP_MM / 2 - OFF)
    lines = []
    for x, outward in ((spot.x, -1), (spot.x + WIDTH, 1)):
        for y, upward in ((spot.y, -1), (spot.y + HEIGHT, 1)):
            lines.append((x + outward * OFF, y, x + outward * (OFF + length), y))
            lines.append((x, y + upward * OFF, x, y + upward * (OFF + length)))
    return lines


def _spot(spot: Spot) -> dict[str, Any]:
    return {"x": spot.x, "y": spot.y, "turned": spot.turned}
