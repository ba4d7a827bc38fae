"""The review desk: numbers that need a person's decision, and undoing such decisions."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Review
from beneficiaries.queries.dependents import dependents_of
from beneficiaries.services.attach_cns import Attachment, CnsOffer, attach_cns
from beneficiaries.services.detach_cns import lock_people, withdraw_cns
from beneficiaries.services.review_cases import ReviewCase, open_reviews
from beneficiaries.services.review_proposals import (
    NOT_PROPOSED,
    Proposal,
    forget_proposals,
    needs_second_person,
    propose,
    take_back_proposal,
)
from operators.audit import Event, EventKind, record
from operators.models import User

__all__ = ["AlreadySettled", "NotUndoable", "ReviewCase", "may_undo", "open_reviews", "settle_review", "undo_review"]

NOT_DECIDED: dict[str, Any] = {
    "status": Review.Status.OPEN,
    "decided_by": None,
    "decided_at": None,
    "decision_reason": "",
    "note": "",
    "batch": None,
}
REFUSED = {Attachment.TAKEN, Attachment.INVALID, Attachment.UNKNOWN_PERSON}


class AlreadySettled(Exception):
    """Somebody else decided this case meanwhile."""


class NotUndoable(Exception):
    """The decision stands; the sentence says why."""


@transaction.atomic
def settle_review(
    review_id: int, *, accept: bool, actor: User, reason: str = "", note: str = "", confirms: int | None = None
) -> Attachment | Proposal | None:
    """Accept or dismiss a case; the answer of attach_cns, None where it was dismissed.

    What is risky is only proposed by the first who accepts it (Proposal); ``confirms`` is the user whose proposal the
    actor was shown. Where the number cannot be attached (somebody else holds it by now) the case stays open. Raises
    AlreadySettled and ProposedMeanwhile.
    """
    review = Review.objects.select_for_update().get(pk=review_id)
    if review.status != Review.Status.OPEN:
        raise AlreadySettled
    if accept and needs_second_person(review, actor, confirms=confirms):
        return propose(review, actor=actor, reason=reason, note=note)
    if review.proposed_by_id == actor.pk:
        forget_proposals([review.pk])  # it was one person's after all
    mark_decided([review.pk], accept=accept, actor=actor, reason=reason, note=note)
    answer = attach_cns([offer_of(review)], actor=actor)[review.person_id] if accept else None
    if answer in REFUSED:
        Review.objects.filter(pk=review.pk).update(**NOT_DECIDED)
        return answer
    record([decided_event(review, accept=accept, actor=actor, reason=reason, note=note)])
    return answer


def mark_decided(
    cases: Collection[int],
    *,
    accept: bool,
    actor: User,
    reason: str,
    note: str,
) -> None:
    status = Review.Status.ACCEPTED if accept else Review.Status.DISMISSED
    Review.objects.filter(pk__in=cases).update(
        status=status, decided_by=actor, decided_at=timezone.now(), decision_reason=reason, note=note
    )


def mark_open(cases: Collection[int]) -> None:
    Review.objects.filter(pk__in=cases).update(**NOT_DECIDED, **NOT_PROPOSED)


def decided_event(review: Review, *, accept: bool, actor: User, reason: str, note: str) -> Event:
    kind = EventKind.REVIEW_ACCEPTED if accept else EventKind.REVIEW_DISMISSED
    data = {"reason": reason, "note": note}
    return Event(kind, "review", review.pk, review.person_id, actor, review.origin, data)


def offer_of(review: Review) -> CnsOffer:
    evidence = {"tier": review.tier, "reason": review.reason, "comparison": review.comparison, "found": review.source}
    return CnsOffer(
        person_id=review.person_id,
        number=review.number,
        source=CnsSource.REVIEW,
        kind=review.kind,
        tier=review.tier,
        evidence={**evidence, "review": review.pk},
        origin=f"beneficiaries.review:{review.pk}",
    )


def undo_review(review_id: int, *, actor: User) -> Review:
    """Take exactly this decision back: the number it attached ends, the one before is current again, the case is open.

    For whoever decided or proposed it; a dismissal, which attached nothing, for any reviewer. A proposal that waits is
    taken back by whoever made it. Raises NotUndoable.
    """
    try:
        return _undone(review_id, actor)
    except IntegrityError as error:
        raise NotUndoable("O número anterior já é de outra pessoa do cadastro. Confira as duas.") from error


@transaction.atomic
def _undone(review_id: int, actor: User) -> Review:
    review = Review.objects.select_for_update(of=("self",)).select_related("person").get(pk=review_id)
    if not may_undo(review, actor):
        raise NotUndoable("Esta decisão já foi desfeita, ou é de outra pessoa.")
    if review.status == Review.Status.OPEN:
        take_back_proposal(review, actor)
    else:
        _reopen(review, actor)
    review.refresh_from_db()
    return review


def _reopen(review: Review, actor: User) -> None:
    if review.status == Review.Status.ACCEPTED:
        _undo_attachment(review, actor)
    _refuse_answered(review)
    record([reopened_event(review, actor)])
    mark_open([review.pk])


def reopened_event(review: Review, actor: User) -> Event:
    data = {"was": review.status, "reason": review.decision_reason, "note": review.note}
    return Event(EventKind.REVIEW_REOPENED, "review", review.pk, review.person_id, actor, review.origin, data)


def _refuse_answered(review: Review) -> None:
    """Another source may have answered it since, or asked it again."""
    lock_people([review.person_id])
    own = CnsNumber.objects.current().filter(person=review.person_id, number=review.number, verified=True)
    if own.exists():
        raise NotUndoable("A pessoa já tem este número, e ele está verificado: não há mais o que decidir.")
    twin = Review.objects.filter(person=review.person_id, number=review.number, status=Review.Status.OPEN)
    if twin.exists():
        raise NotUndoable("O mesmo número já espera uma decisão desta pessoa em outro caso.")


def may_undo(review: Review, actor: User) -> bool:
    if review.status == Review.Status.OPEN:
        return review.proposed_by_id == actor.pk
    own = review.status == Review.Status.ACCEPTED and actor.pk in {review.decided_by_id, review.proposed_by_id}
    return own or review.status == Review.Status.DISMISSED


def _undo_attachment(review: Review, actor: User) -> None:
    lock_people([review.person_id])
    number = CnsNumber.objects.current().filter(person=review.person_id, evidence__review=review.pk).first()
    if number is None:
        raise NotUndoable("A pessoa tem hoje outro número, ou já tinha este. Veja o histórico na página dela.")
    if dependents := dependents_of({review.person_id: number.number}, number.attached_at):
        raise NotUndoable(f"Não dá mais para desfazer: {dependents[0].sentence}. Retire o número na página da pessoa.")
    withdraw_cns([number.pk], origin=f"beneficiaries.review:{review.pk}", actor=actor)
