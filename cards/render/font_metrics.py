"""The width of texts in the cards' font, without composing a document for each. Pure."""

import json
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import font_source_sans_pro  # type: ignore[import-untyped]
import typst

from cards.domain.face import PRINTABLE

WEIGHTS = (400, 600, 700)
MM_PER_POINT = 25.4 / 72
CAP_HEIGHT = 0.66  # of the size: from the baseline to the top of a capital without accent
PITCH = 1.02  # of the size
KERNING_FACTOR = 1.005  # kerning, seen in whole texts alone, nearly always narrows
_ADVANCES = Path(__file__).parent / "typst" / "advances.typ"


@cache
def fonts() -> typst.Fonts:
    """The fonts of the package and none of the machine's."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_source_sans_pro.font_directory]
    )


def width(words: str, size: float, weight: int) -> float:
    """Millimetres that one line of these words takes at a size in points."""
    return _advance(words, weight) * size / 1000 * MM_PER_POINT * KERNING_FACTOR


@lru_cache(maxsize=4096)
def _advance(words: str, weight: int) -> float:
    """Remembered: most texts of a card are on others too, and are tried at several sizes."""
    return sum(map(advances()[weight].__getitem__, words))


def cap(size: float) -> float:
    """Millimetres from the baseline to the top of a capital."""
    return size * CAP_HEIGHT * MM_PER_POINT


def pitch(size: float) -> float:
    """Millimetres from one baseline to the next."""
    return size * PITCH * MM_PER_POINT


@cache
def advances() -> MappingProxyType[int, MappingProxyType[str, float]]:
    """Thousandths of the size for each printable character, by weight; asked of Typst once in a process."""
    characters = "".join(sorted(PRINTABLE))
    inputs = {"characters": json.dumps(characters), "weights": json.dumps(WEIGHTS)}
    answer = typst.query(str(_ADVANCES), "<advances>", field="value", font_paths=fonts(), sys_inputs=inputs)
    tables = (MappingProxyType(dict(zip(characters, row, strict=True))) for row in json.loads(answer))
    return MappingProxyType(dict(zip(WEIGHTS, tables, strict=True)))
