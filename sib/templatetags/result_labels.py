"""Tones and labels of ANS's results."""

from django import template

from operators.templatetags.portal import tone_of
from sib.models import Result

register = template.Library()

register.filter("result_tone", tone_of(Result))


@register.filter
def lower_first(text: str) -> str:
    """A title within a sentence; abbreviations stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
