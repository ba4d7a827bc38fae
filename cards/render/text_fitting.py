"""Text fitting (autofit): shrunk to a minimum size, wrapped, or reported as too long. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cards.render.font_metrics import pitch, width

SHRINK_STEP_POINTS = 0.25  # points by which text shrinks


class TextLine(NamedTuple):
    """Millimetres from the upper left corner of the card to the baseline, size in points."""

    x: float
    y: float
    size: float
    weight: int
    ink: str
    words: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a text may be set: its largest size, the floor, and the largest size of a pair of lines (0: one line)."""

    largest: float
    floor: float
    weight: int = 600
    pair: float = 0.0
    ink: str = "ink"


@dataclass(frozen=True, slots=True)
class Setting:
    size: float
    lines: list[str]


def fit_line(words: str, room: float, style: Style) -> Setting | None:
    """The words at the largest size that keeps to the room, on one line or a pair; None below the floor."""
    size = largest(words, room, style)
    if size >= max(style.floor, style.pair):
        return Setting(size, [words])
    pair = _pair(words, room, style)
    return pair or (Setting(size, [words]) if size >= style.floor else None)


def largest(words: str, room: float, style: Style) -> float:
    natural = width(words, style.largest, style.weight)
    return (
        style.largest if natural <= room else style.largest * room / natural // SHRINK_STEP_POINTS * SHRINK_STEP_POINTS
    )


def _pair(words: str, room: float, style: Style) -> Setting | None:
    size = style.pair
    while style.pair and size >= style.floor:
        if (lines := wrap_text(words, room, size, style.weight)) is not None and len(lines) <= 2:
            return Setting(size, lines)
        size -= SHRINK_STEP_POINTS
    return None


def wrap_text(words: str, room: float, size: float, weight: int) -> list[str] | None:
    """The words in as few lines as the room allows, none of which begins with a dot; None when a word is wider."""
    lines: list[str] = []
    for word in re.split(r" (?!·)", words):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, weight) <= room:
            lines[-1] = longer
        elif width(word, size, weight) <= room:
            lines.append(word)
        else:
            return None
    return lines


def stack_lines(x: float, y: float, size: float, style: Style, lines: Iterable[str]) -> Iterator[TextLine]:
    """Lines below each other, the first on the baseline ``y``."""
    for index, words in enumerate(lines):
        yield TextLine(x, y + index * pitch(size), size, style.weight, style.ink, words)
