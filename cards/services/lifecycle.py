"""Changes the state of an issued card: printed, delivered, lost, voided."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from cards.domain.lifecycle import CURRENT, CardState, before
from cards.models import BatchItem, Card, CardBatch, CardEventKind
from cards.services.events import publish
from operators.audit import Event, EventKind, record, record_set
from operators.models import User

KINDS = {
    CardState.PRINTED: EventKind.CARD_PRINTED,
    CardState.DELIVERED: EventKind.CARD_DELIVERED,
    CardState.LOST: EventKind.CARD_LOST,
    CardState.VOID: EventKind.CARD_VOIDED,
}


@transaction.atomic
def move_card(card: Card, state: CardState, *, actor: User | None = None, reason: str = "") -> bool:
    """Bring a card into a state; False where it is in one from which that is not possible (any more)."""
    open_cards = Card.objects.filter(pk=card.pk, status__in=before(state))
    if not open_cards.update(status=state, status_at=timezone.now()):
        return False
    data = {"via": card.via, "reason": reason} if reason else {"via": card.via}
    record([_event(card, KINDS[state], actor, data)])
    if state not in CURRENT:
        publish(CardEventKind.VOIDED, [card.pk])
    return True


def void_card(card: Card, *, reason: str, actor: User | None = None) -> bool:
    """Withdraw a current card; False when it was not current any more."""
    return move_card(card, CardState.VOID, reason=reason, actor=actor)


@transaction.atomic
def move_batch(batch: CardBatch, state: CardState, *, actor: User | None = None) -> int:
    """Bring the batch's cards into a state, as far as they may come there; how many did.

    Two statements for any number of cards: rows that another one moved meanwhile are left out and not reported.
    """
    cards = BatchItem.objects.filter(batch=batch, card__isnull=False).values("card")
    now = timezone.now()
    moved = Card.objects.filter(pk__in=cards, status__in=before(state)).update(status=state, status_at=now)
    parameters = {"batch": batch.pk, "state": state.value, "at": now}
    record_set(KINDS[state], "card", _MOVED, parameters, actor=actor, source=f"cards.cardbatch:{batch.pk}")
    return moved


_MOVED = """
    SELECT card.id AS subject_id, link.person_id, jsonb_build_object('via', card.via) AS data
      FROM cards_batchitem AS item
      JOIN cards_card AS card ON card.id = item.card_id
      JOIN beneficiaries_beneficiary AS link ON link.id = card.beneficiary_id
     WHERE item.batch_id = %(batch)s AND card.status = %(state)s AND card.status_at = %(at)s
     ORDER BY card.id
"""


def _event(card: Card, kind: EventKind, actor: User | None, data: Mapping[str, Any]) -> Event:
    source = f"beneficiaries.beneficiary:{card.beneficiary_id}"
    return Event(kind, "card", card.pk, card.beneficiary.person_id, actor, source, dict(data))
