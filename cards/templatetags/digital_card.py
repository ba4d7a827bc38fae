"""The texts of a card for the pages of the digital card."""

from django import template

from cards.domain.catalogue import Side
from cards.domain.check_code import shown
from cards.domain.face import CardFace, Field
from cards.domain.theme import Theme

register = template.Library()

HEAD = ("trade_name", "registration")
"""Said above everything else."""


@register.filter
def format_check_code(code: str) -> str:
    """As the card prints it, in two halves."""
    return shown(code)


@register.filter
def card_item(face: CardFace, key: str) -> str:
    return face[key]


@register.filter
def card_theme(face: CardFace) -> Theme:
    """``face.theme`` would ask for an item of that name."""
    return face.theme


@register.filter
def identity_fields(face: CardFace) -> list[Field]:
    """What the front shows of the person, in the card's own order."""
    return [field for field in face.on(Side.FRONT) if field.key not in (*HEAD, "legal_name")]


@register.filter
def remaining_fields(face: CardFace) -> list[Field]:
    """What else it says, each thing once."""
    said = identity_fields(face)
    return [field for field in face.fields if field not in said and field.key not in HEAD]
