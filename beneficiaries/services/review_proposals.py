"""Two people for a risky decision: the first proposes to accept, another one confirms or dismisses."""

from collections.abc import Collection
from enum import Enum
from typing import Any

from django.utils import timezone

from beneficiaries.models import Review
from beneficiaries.queries.decision_effect import DecisionEffect
from beneficiaries.services.detach_cns import lock_people
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator, User

NOT_PROPOSED: dict[str, Any] = {
    "proposed_by": None,
    "proposed_at": None,
    "proposal_reason": "",
    "proposal_note": "",
}


class Proposal(Enum):
    """What came of accepting a risky case for the first time."""

    WAITS = "espera a segunda pessoa"


class ProposedMeanwhile(Exception):
    """Somebody proposed to accept the case while this reader looked at it; nobody confirms what he has not seen."""


def needs_second_person(review: Review, actor: User, *, confirms: int | None) -> bool:
    """Whether this acceptance may only be proposed; of a case under lock, whose person is locked here.

    ``confirms`` is the user whose proposal the actor was shown. Raises ProposedMeanwhile.
    """
    if review.proposed_by_id not in {None, actor.pk}:
        if confirms != review.proposed_by_id:
            raise ProposedMeanwhile
        return False
    lock_people([review.person_id])
    return decides_by_two() and DecisionEffect.of(review).is_risky


def decides_by_two() -> bool:
    return Operator.objects.filter(pk=current_operator_id(), risky_decisions_by_two=True).exists()


def propose(review: Review, *, actor: User, reason: str, note: str) -> Proposal:
    """Once: whoever proposes the same again changes nothing."""
    if review.proposed_by_id is None:
        Review.objects.filter(pk=review.pk).update(
            proposed_by=actor, proposed_at=timezone.now(), proposal_reason=reason, proposal_note=note
        )
        record([_event(EventKind.REVIEW_PROPOSED, review, actor, {"reason": reason, "note": note})])
    return Proposal.WAITS


def take_back_proposal(review: Review, actor: User) -> None:
    forget_proposals([review.pk])
    data = {"reason": review.proposal_reason, "note": review.proposal_note}
    record([_event(EventKind.REVIEW_PROPOSAL_TAKEN_BACK, review, actor, data)])


def forget_proposals(cases: Collection[int]) -> None:
    Review.objects.filter(pk__in=cases).update(**NOT_PROPOSED)


def _event(kind: EventKind, review: Review, actor: User, data: dict[str, str]) -> Event:
    return Event(kind, "review", review.pk, review.person_id, actor, review.origin, data)
