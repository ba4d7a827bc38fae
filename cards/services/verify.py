"""What anybody who holds a card may learn of it: that it is valid, and the initials. Never CNS, CPF or CPT."""

from dataclasses import dataclass
from secrets import compare_digest

from cards.domain.check_code import normal
from cards.models import Card
from operators.context import operator_context

PARTICLES = frozenset({"da", "de", "do", "das", "dos", "e"})
TAIL_DIGITS = 4
"""Characters of the registration, as the card shows it, that go with a code that was typed."""


@dataclass(frozen=True, slots=True)
class CardCheck:
    is_valid: bool
    initials: str
    operator: str
    plan: str


def check_card(code: str) -> CardCheck | None:
    """The card of this QR code, whichever operator issued it; None where there is none."""
    return _checked(verification=code)


def check_typed(code: str, tail: str) -> CardCheck | None:
    """The card of this short code, for somebody who also reads the end of the registration from it."""
    return _checked(tail, check_code=code)


def _checked(tail: str | None = None, **where: str) -> CardCheck | None:
    # The one look across operators: nobody can guess the code, and only its operator's id comes back.
    every_card = Card._base_manager  # noqa: SLF001  (see above)
    owner = every_card.filter(**where).values_list("operator_id", flat=True).first()
    if owner is None:
        return None
    with operator_context(owner):
        card = Card.objects.select_related("beneficiary", "operator").get(**where)
        return _card_check(card) if tail is None or _is_tail(tail, card.face["code"]) else None


def _is_tail(typed: str, registration: str) -> bool:
    return compare_digest(normal(typed)[-TAIL_DIGITS:].encode(), normal(registration)[-TAIL_DIGITS:].encode())


def _card_check(card: Card) -> CardCheck:
    valid, face = card.is_current and card.beneficiary.is_active, card.face
    return CardCheck(valid, _initials(face["name"]), card.operator.trade_name, face["plan_name"])


def _initials(name: str) -> str:
    """``Camila Martins de Carvalho`` → ``C. M. C.``."""
    return " ".join(f"{word[0]}." for word in name.split() if word.lower() not in PARTICLES)
