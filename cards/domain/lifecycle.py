"""The life of a card: which state may follow which, and why a further via is made. Pure.

The database holds to the same table by a trigger (migration 0002).
"""

from enum import StrEnum


class State(StrEnum):
    ISSUED = "ISSUED"
    PRINTED = "PRINTED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    VOID = "VOID"
    SUPERSEDED = "SUPERSEDED"


CURRENT = (State.ISSUED, State.PRINTED, State.DELIVERED)
"""A card in one of these counts; a link has one such card at most. What ended never counts again, found or not."""

_ENDS = frozenset({State.LOST, State.VOID, State.SUPERSEDED})
_NEXT: dict[State, frozenset[State]] = {
    State.ISSUED: _ENDS | {State.PRINTED, State.DELIVERED},  # delivered at once: on the phone, or by a print bureau
    State.PRINTED: _ENDS | {State.DELIVERED},
    State.DELIVERED: _ENDS,
}


def may_become(state: State, wanted: State) -> bool:
    return wanted in _NEXT.get(state, frozenset())


def before(wanted: State) -> tuple[State, ...]:
    """The states from which a card may come to the wanted one."""
    return tuple(state for state in State if may_become(state, wanted))


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


def reason_after(last: State | None) -> Reason:
    """Why a via follows the last one where nobody says."""
    if last is None:
        return Reason.FIRST
    return {State.LOST: Reason.LOST, State.VOID: Reason.CORRECTION}.get(last, Reason.CHANGED)


def end_of_former(reason: Reason) -> State:
    """What becomes of the current card when another is issued for this reason."""
    return State.LOST if reason is Reason.LOST else State.SUPERSEDED
