"""Idempotency keys: a card that a system requests again, not knowing whether it was received, is issued once."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.models import Card, IssueKey
from cards.services.issue import issue_cards
from operators.models import User

KEY_RETENTION = timedelta(days=90)
"""No system asks again after so long; and if one does, its card is refused as the same one."""


class KeyReused(Exception):
    """The key was used for another beneficiary."""


@dataclass(frozen=True, slots=True)
class IssueOutcome:
    """One of card and refusal; ``again``: the card had been issued under this key before."""

    card: Card | None
    refusal: str = ""
    again: bool = False


@transaction.atomic
def issue_idempotent(key: str, link: Beneficiary, *, actor: User) -> IssueOutcome:
    """The card of this key; a refusal uses no key up. Of several at once, one issues and the others wait for its card.

    Raises KeyReused.
    """
    owner = {"operator_id": link.operator_id}
    row, fresh = IssueKey.objects.get_or_create(key=key, **owner, defaults={"beneficiary": link, **owner})
    if row.beneficiary_id != link.pk:
        raise KeyReused
    if not fresh:
        return IssueOutcome(row.card, again=True)
    issuance = issue_cards([link.pk], actor=actor)
    if refusal := issuance.refused.get(link.pk):
        row.delete()
        return IssueOutcome(None, refusal)
    row.card = issuance.cards[0]
    row.save(update_fields=["card"])
    return IssueOutcome(row.card)


def forget_keys() -> int:
    """Those whose time is over; how many. A card that is being issued this moment keeps its key."""
    count, _ = IssueKey.objects.filter(made_at__lt=timezone.now() - KEY_RETENTION).delete()
    return count
