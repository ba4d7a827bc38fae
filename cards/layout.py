"""Where each text of a face stands and how large it is: layout 1 of the CR80 card. Pure.

Millimetres from the upper left corner to the baseline, sizes in points. Text shrinks to its place down to a floor and
takes a second line where there is one; what is then still too long keeps the card from being made.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cards.catalogue import Side, item
from cards.face import CardFace, Defect, Field
from cards.measuring import cap, pitch, width

WIDTH, HEIGHT = 85.60, 53.98  # ISO/IEC 7810 ID-1
EDGE = 4.0
INNER = WIDTH - 2 * EDGE
GUTTER = 2.0
THIRD = (INNER - 2 * GUTTER) / 3
HEADER, FOOTER = 12.2, 10.3  # heights of the coloured bands
HEADING = 56.0  # what the badge leaves of the header
STUB = 16.0  # QR code; its quiet zone is the white around it
LIST = INNER - STUB - EDGE
LIST_BOTTOM = HEIGHT - FOOTER - 1.0
STEP = 0.25  # points by which text shrinks
CAPTION = 5.5  # points
UNDER_CAPTION = 0.95
LIST_SIZES = (7.0, 6.5, 6.0, 5.5)
LIST_GAP = 0.3  # of the size, in millimetres a point: between two entries of the list
_WHOLE_LINES = frozenset({"company", "administrator", "waiting", "notice"})
_ELSEWHERE = frozenset({"sole_trader", "contact", "ans_contact"})


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    y: float
    size: float
    weight: int
    ink: str
    words: str


@dataclass(slots=True)
class Layout:
    """The lines of a card in the order in which they are read; ``misfits`` are the keys of what does not fit."""

    heading: list[Line] = field(default_factory=list)
    front: list[Line] = field(default_factory=list)
    back: list[Line] = field(default_factory=list)
    stub: list[Line] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    @property
    def defects(self) -> tuple[Defect, ...]:
        return tuple(_too_long(key) for key in self.misfits)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text may be set: its largest size, the floor, and the largest size of a pair of lines (0: one line)."""

    largest: float
    floor: float
    weight: int = 600
    pair: float = 0.0
    ink: str = "ink"


_TRADE_NAME = Style(11.5, 7.0, 700, ink="white")
_LEGAL_NAME = Style(6.0, 5.0, 400, pair=5.0, ink="white")
_NAME = Style(11.5, 7.5, pair=9.75)
_SOCIAL_NAME = Style(11.5, 7.5)
_CIVIL_NAME = Style(7.0, 5.0, 400)
_VALUE = Style(7.5, 5.5)
_PLAN_NAME = Style(7.5, 5.5, pair=5.5)
_CONTACT = Style(6.5, 4.5, 400)


def lay_out(face: CardFace) -> Layout:
    card = Layout()
    _lay_heading(card, face)
    _lay_names(card, face)
    _lay_number(card, face)
    _lay_front_grid(card, face)
    _lay_list(card, face)
    _lay_stub(card, face)
    _lay_footer(card, face)
    return card


def _too_long(key: str) -> Defect:
    if key == "back":
        sentence = "O verso não comporta tudo: abrevie os nomes da contratante e da administradora, ou as carências."
        return Defect(key, sentence)
    long = item(key)
    return Defect(key, f"“{long.label}” não cabe no cartão: abrevie {long.mend}.")


def _set(card: Layout, key: str, words: str, room: float, style: Style) -> tuple[float, list[str]]:
    """The size and the lines in which the words keep to the room; what does not fit is noted."""
    size = _largest(words, room, style)
    if size >= max(style.floor, style.pair):
        return size, [words]
    if (pair := _pair(words, room, style)) is not None:
        return pair
    if size < style.floor:
        card.misfits.append(key)
    return size, [words]


def _largest(words: str, room: float, style: Style) -> float:
    natural = width(words, style.largest, style.weight)
    return style.largest if natural <= room else style.largest * room / natural // STEP * STEP


def _pair(words: str, room: float, style: Style) -> tuple[float, list[str]] | None:
    size = style.pair
    while style.pair and size >= style.floor:
        if (lines := wrapped(words, room, size, style.weight)) is not None and len(lines) <= 2:
            return size, lines
        size -= STEP
    return None


def wrapped(words: str, room: float, size: float, weight: int) -> list[str] | None:
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


def _stacked(x: float, y: float, size: float, style: Style, lines: Iterable[str]) -> Iterator[Line]:
    """Lines below each other, the first on the baseline ``y``."""
    for index, words in enumerate(lines):
        yield Line(x, y + index * pitch(size), size, style.weight, style.ink, words)


def _caption(x: float, y: float, words: str) -> Line:
    return Line(x, y, CAPTION, 400, "quiet", words)


def _lay_heading(card: Layout, face: CardFace) -> None:
    trade_size, trade_name = _set(card, "trade_name", face["trade_name"], HEADING, _TRADE_NAME)
    legal_size, legal_name = _set(card, "legal_name", face["legal_name"], HEADING, _LEGAL_NAME)
    between = 1.1 + cap(legal_size)
    below = (len(legal_name) - 1) * pitch(legal_size)
    y = (HEADER + 0.9 + cap(trade_size) - between - below) / 2  # 0.9: accents of capitals
    card.heading += _stacked(EDGE, y, trade_size, _TRADE_NAME, trade_name)
    card.heading += _stacked(EDGE, y + between, legal_size, _LEGAL_NAME, legal_name)


def _lay_names(card: Layout, face: CardFace) -> None:
    if face["social_name"]:
        _lay_social_name(card, face)
        return
    size, lines = _set(card, "name", face["name"], INNER, _NAME)
    height = cap(size) + (len(lines) - 1) * pitch(size)
    card.front += _stacked(EDGE, 18.6 - height / 2 + cap(size), size, _NAME, lines)


def _lay_social_name(card: Layout, face: CardFace) -> None:
    size, lines = _set(card, "social_name", face["social_name"], INNER, _SOCIAL_NAME)
    card.front += _stacked(EDGE, 18.5, size, _SOCIAL_NAME, lines)
    caption = "Nome civil"
    x = EDGE + width(caption, CAPTION, 400) + 1.2
    size, lines = _set(card, "name", face["name"], WIDTH - EDGE - x, _CIVIL_NAME)
    card.front.append(_caption(EDGE, 21.6, caption))
    card.front += _stacked(x, 21.6, size, _CIVIL_NAME, lines)


def _lay_number(card: Layout, face: CardFace) -> None:
    card.front.append(_caption(EDGE, 24.6, item("cns").caption))
    card.front.append(Line(EDGE, 29.6, 16.0, 700, "green", face["cns"]))


def _lay_front_grid(card: Layout, face: CardFace) -> None:
    """Three rows of three columns; plan and segmentation take two."""
    number = "plan_scpa" if face["plan_scpa"] else "plan_number"
    rows = (("code", "birth_date", number), ("plan_name", "", "coverage_area"), ("segmentation", "", "accommodation"))
    shown = {printed.key: printed for printed in face.fields}
    for row, keys in enumerate(rows):
        for column, key in enumerate(keys):
            if key in shown:
                room = 2 * THIRD + GUTTER if key in ("plan_name", "segmentation") else THIRD
                _lay_cell(card, shown[key], EDGE + column * (THIRD + GUTTER), 32.9 + row * 6.65, room)


def _lay_cell(card: Layout, printed: Field, x: float, top: float, room: float) -> None:
    style = _PLAN_NAME if printed.key == "plan_name" else _VALUE
    size, lines = _set(card, printed.key, printed.value, room, style)
    card.front.append(_caption(x, top + cap(CAPTION), printed.caption))
    first = cap(size) if len(lines) > 1 else cap(_VALUE.largest)
    card.front += _stacked(x, top + cap(CAPTION) + UNDER_CAPTION + first, size, style, lines)


def _lay_list(card: Layout, face: CardFace) -> None:
    """What else there is to say, at the largest size that leaves the footer free."""
    for size in LIST_SIZES:
        lines, bottom = _listed(face, size)
        if bottom <= LIST_BOTTOM:
            card.back += lines
            return
    card.misfits.append("back")


def _listed(face: CardFace, size: float) -> tuple[list[Line], float]:
    """The list at one size and where it ends; beyond the card when a word does not fit its column."""
    entries = [printed for printed in face.on(Side.BACK) if printed.key not in _ELSEWHERE]
    whole = [printed for printed in entries if printed.key in _WHOLE_LINES]
    halves = [printed for printed in entries if printed.key not in _WHOLE_LINES]
    rows = [[printed] for printed in whole] + [halves[index : index + 2] for index in range(0, len(halves), 2)]
    lines, y = _band(face, size)
    for row in rows:
        bottoms = [y]
        for column, printed in enumerate(row):
            room = LIST if printed.key in _WHOLE_LINES else (LIST - GUTTER) / 2
            entry, bottom = _entry(printed, EDGE + column * (room + GUTTER), y, room, size)
            lines += entry
            bottoms.append(bottom)
        y = max(bottoms) + size * LIST_GAP
    return lines, y - size * LIST_GAP


def _band(face: CardFace, size: float) -> tuple[list[Line], float]:
    """What is said before the list, and where the list begins."""
    if not face["sole_trader"]:
        return [], EDGE
    line = Line(EDGE, EDGE + cap(size), size, 600, "green", face["sole_trader"])
    return [line], line.y + size * LIST_GAP


def _entry(printed: Field, x: float, top: float, room: float, size: float) -> tuple[list[Line], float]:
    """A caption with its value, wrapped or shrunk to the room; and where it ends, below the card when it cannot be."""
    style = Style(size, 5.0)
    if printed.key in _WHOLE_LINES:
        values = wrapped(printed.value, room, size, style.weight)
    else:
        size = _largest(printed.value, room, style)
        values = [printed.value] if size >= style.floor else None
    if values is None:
        return [], HEIGHT
    y = top + cap(CAPTION)
    lines = list(_stacked(x, y + UNDER_CAPTION + cap(size), size, style, values))
    return [_caption(x, y, printed.caption), *lines], lines[-1].y


def _lay_stub(card: Layout, face: CardFace) -> None:
    """Below the QR code; each line centred."""
    y = EDGE
    if face.verification:
        card.stub.append(_centred("Confira este cartão", 23.9, CAPTION, 400, "quiet"))
        y = 25.4
    if face.via:
        card.stub.append(_centred(f"{face.via}ª via", y + cap(6.0), 6.0, 600, "ink"))


def _centred(words: str, y: float, size: float, weight: int, ink: str) -> Line:
    x = WIDTH - EDGE - (STUB + width(words, size, weight)) / 2
    return Line(x, y, size, weight, ink, words)


def _lay_footer(card: Layout, face: CardFace) -> None:
    contacts = [printed for printed in face.fields if printed.key in ("contact", "ans_contact")]
    y = HEIGHT - FOOTER + (3.6 if len(contacts) > 1 else FOOTER / 2 + cap(6.5) / 2)
    for printed in contacts:
        x = EDGE + width(printed.caption, 6.5, 600) + 1.5
        size, lines = _set(card, printed.key, printed.value, WIDTH - EDGE - x, _CONTACT)
        card.stub.append(Line(EDGE, y, 6.5, 600, "green", printed.caption))
        card.stub += _stacked(x, y, size, _CONTACT, lines)
        y += 3.0
