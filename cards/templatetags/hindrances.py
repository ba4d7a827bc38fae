from django import template

from cards.queries import Hindrance

register = template.Library()


@register.filter
def hindrance(name: str) -> str:
    """The sentence that says why there is no new card now."""
    return str(Hindrance(name).label)
