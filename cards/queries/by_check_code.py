"""People by what is printed on their cards, for the search box."""

from cards.domain.check_code import read
from cards.models import Card


def people_of_card(text: str) -> list[int]:
    """Whose card has this check code, of whatever via."""
    code = read(text)
    return list(Card.objects.filter(check_code=code).values_list("beneficiary__person", flat=True)) if code else []
