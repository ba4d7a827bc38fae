"""Imposition (n-up): the pages of a printed file, in PDF's language for page content (ISO 32000-2, 8.2). Pure.

They draw pages of Typst's, by their number among these: the layers of a card one above the other, its QR code, and
sheets of cards.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cards.render import qr_code
from cards.render.layout import HEIGHT, QR_LEFT, QR_MM, QR_TOP, WIDTH
from cards.render.pdf_merge import POINTS_PER_MM

Size = tuple[float, float]


def card_size(bleed: float = 0.0) -> Size:
    """In millimetres."""
    return WIDTH + 2 * bleed, HEIGHT + 2 * bleed


def sides(layers: Sequence[Sequence[int]], verifications: Sequence[str], bleed: float = 0.0) -> list[str]:
    """Front and back of each card, of the layers that are drawn for them (cards.render.shared_layers)."""
    codes = [code for text in verifications for code in ("", _code(text, bleed) if text else "")]
    return [
        "".join(f"/F{2 * layer + side % 2} Do " for layer in shown) + code
        for side, (shown, code) in enumerate(zip(layers, codes, strict=True))
    ]


def _code(text: str, bleed: float) -> str:
    code = qr_code.code(text)
    scale = QR_MM / code.size * POINTS_PER_MM
    left, top = (bleed + QR_LEFT) * POINTS_PER_MM, (bleed + HEIGHT - QR_TOP) * POINTS_PER_MM
    return f"q {scale:.7f} 0 0 {-scale:.7f} {left:.6f} {top:.6f} cm {code.path}f Q"


def sheets(drawn: Sequence[str], sheet: Mapping[str, Any]) -> Iterator[str]:
    """Sheets of the fronts and then of their backs (cards.render.sheet_layout)."""
    up = len(sheet["fronts"])
    for start in range(0, len(drawn), 2 * up):
        for side, spots in enumerate((sheet["fronts"], sheet["backs"])):
            yield _sheet(drawn[start + side : start + 2 * up : 2], spots, sheet)


def _sheet(drawn: Sequence[str], spots: Sequence[Mapping[str, Any]], sheet: Mapping[str, Any]) -> str:
    placed = (f"q {_placing(spot, sheet['height'])} cm {side} Q " for side, spot in zip(drawn, spots, strict=False))
    return "".join(placed) + _marks(sheet)


def _placing(spot: Mapping[str, Any], height: float) -> str:
    """From the card's lower left corner; of one that is turned, to the upper right one of its place."""
    x, y, way = spot["x"], height - spot["y"] - HEIGHT, 1
    if spot["turned"]:
        x, y, way = x + WIDTH, y + HEIGHT, -1
    return f"{way} 0 0 {way} {x * POINTS_PER_MM:.4f} {y * POINTS_PER_MM:.4f}"


def _marks(sheet: Mapping[str, Any]) -> str:
    points = [
        (
            x1 * POINTS_PER_MM,
            (sheet["height"] - y1) * POINTS_PER_MM,
            x2 * POINTS_PER_MM,
            (sheet["height"] - y2) * POINTS_PER_MM,
        )
        for x1, y1, x2, y2 in sheet["marks"]
    ]
    lines = "".join(f"{x1:.4f} {y1:.4f} m {x2:.4f} {y2:.4f} l " for x1, y1, x2, y2 in points)
    return f"q 0.25 w {lines}S Q" if lines else ""
