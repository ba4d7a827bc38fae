"""Position and size of each text of a face: layout 1 of the CR80 card. Pure.

Millimetres from the upper left corner to the baseline, sizes in points. Text shrinks to its place down to a floor and
takes a second line where there is one, names are then abbreviated, and what is still too long keeps the card from
being made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cards.domain.abbreviate_name import shortened
from cards.domain.catalogue import Side, item
from cards.domain.check_code import shown
from cards.domain.face import CardFace, Defect, Field, defect
from cards.render.font_metrics import cap, pitch, width
from cards.render.text_fitting import Setting, Style, TextLine, fit_line, largest, stack_lines, wrap_text

WIDTH, HEIGHT = 85.60, 53.98  # ISO/IEC 7810 ID-1
EDGE = 4.0
INNER = WIDTH - 2 * EDGE
GUTTER = 2.0
THIRD = (INNER - 2 * GUTTER) / 3
HEADER, BAND, FOOTER = 12.0, 18.8, 9.4  # heights: white with the operator, coloured with the person, contacts
BADGE = 21.0  # ANS's number, at the right of the header
LOGO_WIDTH, LOGO_HEIGHT = 26.0, 6.4  # at most
QR_MM = 15.0  # its quiet zone is the white around it
QR_LEFT, QR_TOP = WIDTH - EDGE - QR_MM, EDGE
BESIDE_QR = INNER - QR_MM - EDGE
BELOW_QR = EDGE + QR_MM + 5.0
LIST_BOTTOM = HEIGHT - FOOTER - 1.0
CAPTION_POINTS = 5.5
UNDER_CAPTION = 0.95
CAPTION_COLUMN_MM = 15.0  # the column of captions of the list
LIST_SIZES = (7.0, 6.5, 6.0, 5.5, 5.0)
LIST_GAP = 0.28  # of the size, in millimetres a point: between two rows
_WHOLE_LINES = ("legal_name", "company", "administrator", "waiting", "notice")
_ELSEWHERE = frozenset({"sole_trader", "contact", "ans_contact"})


@dataclass(slots=True)
class Layout:
    """The lines of a card in the order in which they are read; ``misfits`` are the keys of what does not fit."""

    logo: tuple[float, float, float] | None = None  # left, top and width
    heading: list[TextLine] = field(default_factory=list)
    front: list[TextLine] = field(default_factory=list)
    flag: float = 0.0  # height of the box behind what is said before the list
    back: list[TextLine] = field(default_factory=list)
    stub: list[TextLine] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    @property
    def defects(self) -> tuple[Defect, ...]:
        return tuple(_too_long(key) for key in self.misfits)


_TRADE_NAME = Style(13.0, 5.5, 700, pair=8.0, ink="main")
_NAME = Style(12.5, 7.5, pair=9.75, ink="white")
_SOCIAL_NAME = Style(12.5, 7.5, ink="white")
_CIVIL_NAME = Style(7.0, 5.0, 400, ink="white")
_VALUE = Style(7.5, 5.5)
_PLAN_NAME = Style(7.5, 5.5, pair=5.5)
_CONTACT = Style(6.5, 4.5, 400)
_FLAG = Style(6.5, 6.5, ink="main")


def compose_layout(face: CardFace) -> Layout:
    card = Layout()
    _add_heading(card, face)
    _add_names(card, face)
    _add_number(card, face)
    _add_front_grid(card, face)
    _add_list(card, face)
    _add_stub(card, face)
    _add_footer(card, face)
    return card


def _too_long(key: str) -> Defect:
    long = item(key)
    return defect(long, f"“{long.label}” não cabe no cartão: abrevie {long.correction}.")


def _set(card: Layout, key: str, ways: Iterable[str], room: float, style: Style) -> Setting:
    """The first of these ways to write a text that fits; where none does, that is noted."""
    settings = (fit_line(words, room, style) for words in ways)
    if (setting := next(filter(None, settings), None)) is None:
        card.misfits.append(key)
    return setting or Setting(style.floor, [])


def _name(name: str) -> Iterator[str]:
    yield name
    yield from shortened(name)


def _caption(x: float, y: float, words: str, ink: str = "quiet") -> TextLine:
    return TextLine(x, y, CAPTION_POINTS, 400, ink, words)


def _add_heading(card: Layout, face: CardFace) -> None:
    """The logo, if there is one, and the operator's name beside it."""
    x = EDGE
    if face.theme.logo:
        height = min(LOGO_HEIGHT, LOGO_WIDTH / face.theme.logo_ratio)
        card.logo = (EDGE, (HEADER - height) / 2 + 0.3, height * face.theme.logo_ratio)
        x += height * face.theme.logo_ratio + GUTTER
    setting = _set(card, "trade_name", [face["trade_name"]], WIDTH - EDGE - BADGE - GUTTER - x, _TRADE_NAME)
    below = (len(setting.lines) - 1) * pitch(setting.size)
    y = (HEADER + 0.6 + cap(setting.size) - below) / 2  # 0.6: accents of capitals
    card.heading += stack_lines(x, y, setting.size, _TRADE_NAME, setting.lines)


def _add_names(card: Layout, face: CardFace) -> None:
    if face["social_name"]:
        _add_social_name(card, face)
        return
    setting = _set(card, "name", _name(face["name"]), INNER, _NAME)
    height = cap(setting.size) + (len(setting.lines) - 1) * pitch(setting.size)
    y = HEADER + 5.3 - height / 2 + cap(setting.size)
    card.front += stack_lines(EDGE, y, setting.size, _NAME, setting.lines)


def _add_social_name(card: Layout, face: CardFace) -> None:
    y = HEADER + 8.6
    setting = _set(card, "social_name", _name(face["social_name"]), INNER, _SOCIAL_NAME)
    card.front += stack_lines(EDGE, HEADER + 5.3, setting.size, _SOCIAL_NAME, setting.lines)
    caption = "Nome civil"
    x = EDGE + width(caption, CAPTION_POINTS, 400) + 1.2
    setting = _set(card, "name", _name(face["name"]), WIDTH - EDGE - x, _CIVIL_NAME)
    card.front.append(_caption(EDGE, y, caption, "white"))
    card.front += stack_lines(x, y, setting.size, _CIVIL_NAME, setting.lines)


def _add_number(card: Layout, face: CardFace) -> None:
    key = "cns" if face["cns"] else "cpf"
    card.front.append(_caption(EDGE, HEADER + 11.9, item(key).caption, "white"))
    card.front.append(TextLine(EDGE, HEADER + 16.8, 16.0, 700, "white", face[key]))


def _add_front_grid(card: Layout, face: CardFace) -> None:
    """Three rows of three columns; plan and segmentation take two."""
    number = "plan_scpa" if face["plan_scpa"] else "plan_number"
    rows = (("code", "birth_date", number), ("plan_name", "", "coverage_area"), ("segmentation", "", "accommodation"))
    there = {printed.key: printed for printed in face.fields}
    for row, keys in enumerate(rows):
        for column, key in enumerate(keys):
            if key in there:
                room = 2 * THIRD + GUTTER if key in ("plan_name", "segmentation") else THIRD
                _add_cell(card, there[key], EDGE + column * (THIRD + GUTTER), HEADER + BAND + 2.6 + row * 6.4, room)


def _add_cell(card: Layout, printed: Field, x: float, top: float, room: float) -> None:
    style = _PLAN_NAME if printed.key == "plan_name" else _VALUE
    setting = _set(card, printed.key, [printed.value], room, style)
    card.front.append(_caption(x, top + cap(CAPTION_POINTS), printed.caption))
    first = cap(setting.size) if len(setting.lines) > 1 else cap(_VALUE.largest)
    y = top + cap(CAPTION_POINTS) + UNDER_CAPTION + first
    card.front += stack_lines(x, y, setting.size, style, setting.lines)


def _add_list(card: Layout, face: CardFace) -> None:
    """What else there is to say, at the largest size that leaves the footer free."""
    y = _add_flag(card, face)
    for size in LIST_SIZES:
        lines, bottom = _listed(face, y, size)
        if bottom <= LIST_BOTTOM:
            card.back += lines
            return
    card.misfits.append(max(_list_of(face), key=lambda printed: len(printed.value)).key)


def _add_flag(card: Layout, face: CardFace) -> float:
    """What is said in a box before the list; and where the list begins."""
    if not face["sole_trader"]:
        return EDGE
    card.flag = 4.2
    middle = EDGE + (card.flag + cap(_FLAG.largest)) / 2
    card.back.append(TextLine(EDGE + 1.4, middle, _FLAG.largest, _FLAG.weight, _FLAG.ink, face["sole_trader"]))
    return EDGE + card.flag + 1.6


def _list_of(face: CardFace) -> list[Field]:
    return [printed for printed in face.on(Side.BACK) if printed.key not in _ELSEWHERE]


def _listed(face: CardFace, y: float, size: float) -> tuple[list[TextLine], float]:
    """Pairs of short entries beside the QR code, whole lines below it; and where it all ends."""
    entries = _list_of(face)
    short = [printed for printed in entries if printed.key not in _WHOLE_LINES]
    whole = [printed for key in _WHOLE_LINES for printed in entries if printed.key == key]
    lines: list[TextLine] = []
    for index in range(0, len(short), 2):
        row, bottom = _paired(short[index : index + 2], y, size)
        lines += row
        y = bottom + size * LIST_GAP
    y = max(y, BELOW_QR)
    for printed in whole:
        row, bottom = _row(printed, y, size)
        lines += row
        y = bottom + size * LIST_GAP
    return lines, y - size * LIST_GAP


def _paired(pair: list[Field], top: float, size: float) -> tuple[list[TextLine], float]:
    """Captions with their values below, shrunk to the room; below the card when one cannot be."""
    room, style = (BESIDE_QR - GUTTER) / 2, Style(size, 5.0)
    y = top + cap(CAPTION_POINTS) + UNDER_CAPTION + cap(size)
    lines: list[TextLine] = []
    for column, printed in enumerate(pair):
        x, fit = EDGE + column * (room + GUTTER), largest(printed.value, room, style)
        lines.append(_caption(x, top + cap(CAPTION_POINTS), printed.caption))
        lines.append(TextLine(x, y, fit, style.weight, style.ink, printed.value))
        if fit < style.floor:
            return [], HEIGHT
    return lines, y


def _row(printed: Field, top: float, size: float) -> tuple[list[TextLine], float]:
    """A caption with its value beside, wrapped; below the card when a word is too wide."""
    style, x, y = Style(size, size), EDGE + CAPTION_COLUMN_MM, top + cap(size)
    values = wrap_text(printed.value, WIDTH - EDGE - x, size, style.weight)
    if values is None:
        return [], HEIGHT
    lines = list(stack_lines(x, y, size, style, values))
    return [_caption(EDGE, y, printed.caption), *lines], lines[-1].y


def _add_stub(card: Layout, face: CardFace) -> None:
    """Below the QR code: what it is for, and what to type where it cannot be read."""
    if face.verification:
        card.stub.append(_below_qr(EDGE + QR_MM + 1.9, 400, "quiet", "Confira o cartão"))
    if face.check_code:
        card.stub.append(_below_qr(EDGE + QR_MM + 4.1, 600, "ink", shown(face.check_code)))
    if face.confirmed:
        card.stub.append(_below_qr(EDGE + QR_MM + 7.1, 400, "quiet", "CNS conferido em"))
        card.stub.append(_below_qr(EDGE + QR_MM + 9.3, 600, "ink", face.confirmed))


def _below_qr(y: float, weight: int, ink: str, words: str) -> TextLine:
    x = WIDTH - EDGE - (QR_MM + width(words, CAPTION_POINTS, weight)) / 2
    return TextLine(x, y, CAPTION_POINTS, weight, ink, words)


def _add_footer(card: Layout, face: CardFace) -> None:
    contacts = [printed for printed in face.fields if printed.key in ("contact", "ans_contact")]
    y = HEIGHT - FOOTER + (3.0 if len(contacts) > 1 else FOOTER / 2 + cap(6.5) / 2)
    via = f"{face.via}ª via" if face.via else ""
    right = WIDTH - EDGE - width(via, 6.5, 600)
    for printed in contacts:
        x = EDGE + width(printed.caption, 6.5, 600) + 1.5
        setting = _set(card, printed.key, [printed.value], right - GUTTER - x, _CONTACT)
        card.stub.append(TextLine(EDGE, y, 6.5, 600, "main", printed.caption))
        card.stub += stack_lines(x, y, setting.size, _CONTACT, setting.lines)
        y += 2.8
    if via:
        card.stub.append(TextLine(right, y - 2.8, 6.5, 600, "ink", via))
