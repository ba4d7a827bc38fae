"""What anybody who holds a card may learn of it: that it counts, and whose initials it bears. Never CNS, CPF or CPT."""

from dataclasses import dataclass

from cards.models import Card
from operators.context import operator_context

PARTICLES = frozenset({"da", "de", "do", "das", "dos", "e"})


@dataclass(frozen=True, slots=True)
class CardCheck:
    is_valid: bool
    initials: str
    operator: str
    via: int


def check_card(code: str) -> CardCheck | None:
    """The card of this code, whichever operator issued it; None where there is none."""
    # The one look across operators: the code is 128 random bits, and only its operator's id comes back.
    every_card = Card._base_manager  # noqa: SLF001  (see above)
    owner = every_card.filter(verification=code).values_list("operator_id", flat=True).first()
    if owner is None:
        return None
    with operator_context(owner):
        card = Card.objects.select_related("beneficiary", "operator").get(verification=code)
        valid = card.is_current and card.beneficiary.is_active
        return CardCheck(valid, _initials(card.face["name"]), card.operator.trade_name, card.via)


def _initials(name: str) -> str:
    """``Camila Martins de Carvalho`` → ``C. M. C.``."""
    return " ".join(f"{word[0]}." for word in name.split() if word.lower() not in PARTICLES)
