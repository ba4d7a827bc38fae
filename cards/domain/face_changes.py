"""What on a card is no longer true. Pure."""

from dataclasses import dataclass

from cards.domain.face import CardFace


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One printed item; blank where the card does not show it."""

    key: str
    caption: str
    before: str
    after: str


def changes(printed: CardFace, now: CardFace) -> tuple[ItemChange, ...]:
    """Item by item, in the order of the face composed now; those that fell away last."""
    captions = {field.key: field.caption for field in (*now.fields, *printed.fields)}
    pairs = ((key, caption, printed[key], now[key]) for key, caption in captions.items())
    return tuple(ItemChange(*pair) for pair in pairs if pair[2] != pair[3])
