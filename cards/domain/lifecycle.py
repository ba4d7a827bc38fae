"""The lifecycle of a card: allowed transitions between states, and the reason of a further issue. Pure.

The database holds to the same table by a trigger (migration 0002).
"""

from enum import StrEnum


class CardState(StrEnum):
    ISSUED = "ISSUED"
    PRINTED = "PRINTED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    VOID = "VOID"
    SUPERSEDED = "SUPERSEDED"


CURRENT = (CardState.ISSUED, CardState.PRINTED, CardState.DELIVERED)
"""A card in one of these counts; a link has one such card at most. What ended never counts again, found or not."""

_ENDS = frozenset({CardState.LOST, CardState.VOID, CardState.SUPERSEDED})
_NEXT: dict[CardState, frozenset[CardState]] = {
    CardState.ISSUED: _ENDS
    | {CardState.PRINTED, CardState.DELIVERED},  # delivered at once: on the phone, or by a print bureau
    CardState.PRINTED: _ENDS | {CardState.DELIVERED},
    CardState.DELIVERED: _ENDS,
}


def may_become(state: CardState, wanted: CardState) -> bool:
    return wanted in _NEXT.get(state, frozenset())


def before(wanted: CardState) -> tuple[CardState, ...]:
    """The states from which a card may come to the wanted one."""
    return tuple(state for state in CardState if may_become(state, wanted))


class Reason(StrEnum):
    """Why a via was made; the last four are for a clerk to choose."""

    FIRST = "FIRST"
    CHANGED = "CHANGED"
    CORRECTION = "CORRECTION"
    LOST = "LOST"
    DAMAGED = "DAMAGED"
    NOT_RECEIVED = "NOT_RECEIVED"
    REQUESTED = "REQUESTED"


SECOND_COPY = (Reason.LOST, Reason.DAMAGED, Reason.NOT_RECEIVED, Reason.REQUESTED)


def reason_after(last: CardState | None) -> Reason:
    """Why a via follows the last one where nobody says."""
    if last is None:
        return Reason.FIRST
    return {CardState.LOST: Reason.LOST, CardState.VOID: Reason.CORRECTION}.get(last, Reason.CHANGED)


def end_of_former(reason: Reason) -> CardState:
    """What becomes of the current card when another is issued for this reason."""
    return CardState.LOST if reason is Reason.LOST else CardState.SUPERSEDED
