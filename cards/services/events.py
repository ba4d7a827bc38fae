"""The change feed (outbox) for the operator's own systems: events published in the transaction of the change."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from cards.models import Card, CardEvent, CardEventKind
from cnsportal.db.locks import AdvisoryLock, lock_until_commit
from operators.context import current_operator_id

_PUBLISH = """
    INSERT INTO cards_cardevent (operator_id, kind, at, card_id)
    SELECT %s, %s, %s, card FROM unnest(%s::bigint[]) WITH ORDINALITY AS told (card, place) ORDER BY place
"""

_NUMBER = """
    UPDATE cards_cardevent AS event SET position = fresh.position
      FROM (SELECT id, row_number() OVER (ORDER BY id) + COALESCE(
                   (SELECT max(position) FROM cards_cardevent WHERE operator_id = %(operator)s), 0) AS position
              FROM cards_cardevent WHERE operator_id = %(operator)s AND position IS NULL) AS fresh
     WHERE event.id = fresh.id
"""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in order; ``last`` is what to ask for the next ones with."""

    events: list[dict[str, Any]]
    last: int
    more: bool


def publish(kind: CardEventKind, cards: Collection[int]) -> None:
    """Into the outbox, within the caller's transaction; one statement for any number of cards."""
    if not cards:
        return
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH, [current_operator_id(), kind.value, timezone.now(), sorted(cards)])


def events_after(position: int, most: int) -> EventPage:
    """Everything committed by now is given its number first."""
    _number()
    rows = CardEvent.objects.filter(position__gt=position).select_related("card__beneficiary")
    found = list(rows.order_by("position")[: most + 1])
    events, more = found[:most], len(found) > most
    return EventPage([_as_json(event) for event in events], events[-1].position or 0 if events else position, more)


def last_position() -> int:
    _number()
    last = CardEvent.objects.exclude(position=None).order_by("-position").values_list("position", flat=True).first()
    return last or 0


def _number() -> None:
    """One at a time for each operator. Rows that are not committed yet are numbered by a later reader."""
    if not CardEvent.objects.filter(position=None).exists():
        return
    operator_id = current_operator_id()
    with transaction.atomic(), connection.cursor() as cursor:
        lock_until_commit(AdvisoryLock.CARD_EVENTS, operator_id)
        cursor.execute(_NUMBER, {"operator": operator_id})


def _as_json(event: CardEvent) -> dict[str, Any]:
    """Never CNS, CPF or a name: the receiver asks for the card."""
    card: Card = event.card
    return {
        "numero": event.position,
        "tipo": event.kind,
        "quando": timezone.localtime(event.at).isoformat(timespec="seconds"),
        "codigoBeneficiario": card.beneficiary.code,
        "cartao": card.pk,
        "via": card.via,
    }
