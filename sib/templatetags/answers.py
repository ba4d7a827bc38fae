"""Colours and words of ANS's answers."""

from django import template

from sib.models import Result

register = template.Library()

RESULT_TONES = {
    Result.UNREAD: "info",
    Result.PROCESSED: "good",
    Result.REFUSED: "bad",
    Result.UNKNOWN: "warn",
    Result.SUPERFLUOUS: "neutral",
}


@register.filter
def result_tone(result: str) -> str:
    return RESULT_TONES[Result(result)]


@register.filter
def lower_first(text: str) -> str:
    """A title within a sentence; abbreviations stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
