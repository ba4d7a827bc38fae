"""Splits cards into layers, so that what several of them show is written once for all. Pure.

A layer is itself a card to the template: the ground with what all show, then a line of the front and one of the back,
wherever a few cards show them, then each card with what is its own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cards.render.text_fitting import TextLine

MIN_CARDS = 4  # cards that show a line, for it to be a layer
SIDES = ("front", "back")

Card = Mapping[str, Any]


class Layered(NamedTuple):
    """``cards`` are what is to be drawn; ``sides`` says for front and back of each card which of them make it up."""

    cards: list[Card]
    sides: list[list[int]]


def layered(cards: Sequence[Card]) -> Layered:
    ground = _ground(cards)
    own = [_above(ground, card) for card in cards]
    repeated = {side: _repeated(own, side) if ground["ground"] else [] for side in SIDES}
    places = {side: {line: place for place, line in enumerate(repeated[side], 1)} for side in SIDES}
    layers = [_layer(ground, repeated, place) for place in range(max(map(len, repeated.values())))]
    sides = [
        [0, number, *(places[side][line] for line in card[side] if line in places[side])]
        for number, card in enumerate(own, 1 + len(layers))
        for side in SIDES
    ]
    rest = [
        {**card, **{side: [line for line in card[side] if line not in places[side]] for side in SIDES}} for card in own
    ]
    return Layered([ground, *layers, *rest], sides)


def _ground(cards: Sequence[Card]) -> dict[str, Any]:
    """What all show; nothing where their colours differ."""
    first = cards[0]
    alike = all(card[part] == first[part] for card in cards for part in ("theme", "logo", "badge"))
    flag = first["flag"] if alike and all(card["flag"] == first["flag"] for card in cards) else 0
    lines = {side: _everywhere([_lines(card, side) for card in cards]) if alike else [] for side in SIDES}
    return {**first, "ground": alike, "heading": 0, "flag": flag, "stub": [], **lines}


def _lines(card: Card, side: str) -> list[TextLine]:
    return [*card["back"], *card["stub"]] if side == "back" else list(card["front"])


def _everywhere(shown: Sequence[list[TextLine]]) -> list[TextLine]:
    everywhere = set(shown[0]).intersection(*shown)
    return [line for line in shown[0] if line in everywhere]


def _above(ground: Card, card: Card) -> dict[str, Any]:
    below = {side: set(ground[side]) for side in SIDES}
    own = {side: [line for line in _lines(card, side) if line not in below[side]] for side in SIDES}
    return {
        **card, "heading": 0, "ground": not ground["ground"], "flag": card["flag"] - ground["flag"], "stub": [], **own,
    }  # fmt: skip


def _repeated(cards: Iterable[Card], side: str) -> list[TextLine]:
    """In the order in which they are met."""
    counted = Counter(line for card in cards for line in card[side])
    return [line for line, count in counted.items() if count >= MIN_CARDS]


def _layer(ground: Card, repeated: Mapping[str, list[TextLine]], place: int) -> dict[str, Any]:
    return {**ground, "ground": False, "flag": 0, **{side: repeated[side][place : place + 1] for side in SIDES}}
