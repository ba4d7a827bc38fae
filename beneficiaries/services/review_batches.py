"""One decision on cases that ask the same question, and its undoing; case by case as services.reviews does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from beneficiaries.models import CnsNumber, Review, ReviewBatch
from beneficiaries.queries.dependents import dependents_of
from beneficiaries.queries.review_groups import cases_of, still_equal
from beneficiaries.services.attach_cns import attach_cns
from beneficiaries.services.detach_cns import lock_people, withdraw_cns
from beneficiaries.services.reviews import (
    REFUSED,
    NotUndoable,
    decided_event,
    mark_decided,
    mark_open,
    offer_of,
    reopened_event,
)
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

MAX_BATCH_CASES = 1_000


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """``skipped`` were decided by somebody else meanwhile, or do not ask the same question any more."""

    batch: ReviewBatch | None
    decided: int
    skipped: int


@transaction.atomic
def decide_group(key: str, *, last: int, accept: bool, actor: User, reason: str, note: str = "") -> BatchOutcome:
    """Decide the cases of a group that were there when it was shown (none newer than ``last``), MAX_BATCH_CASES at
    most. Under the locks of the single decision each is asked once more whether it still belongs to the group.
    """
    shown = cases_of(key, last=last, limit=MAX_BATCH_CASES)
    reviews = _lock(Review.objects.filter(pk__in=shown, status=Review.Status.OPEN))
    equal = still_equal(key, [review.pk for review in reviews])
    reviews = [review for review in reviews if review.pk in equal]
    mark_decided([review.pk for review in reviews], accept=accept, actor=actor, reason=reason, note=note)
    decided = _attached(reviews, actor) if accept else reviews
    if not decided:
        return BatchOutcome(None, 0, len(shown))
    batch = ReviewBatch.objects.create(operator_id=current_operator_id(), decided_by=actor)
    Review.objects.filter(pk__in=[review.pk for review in decided]).update(batch=batch)
    record(decided_event(review, accept=accept, actor=actor, reason=reason, note=note) for review in decided)
    data = {"cases": len(decided), "accepted": accept, "reason": reason}
    record([Event(EventKind.REVIEWS_DECIDED, "review_batch", batch.pk, actor=actor, data=data)])
    return BatchOutcome(batch, len(decided), len(shown) - len(decided))


def _lock(cases: QuerySet[Review]) -> list[Review]:
    """The cases, then their people, each in ascending order."""
    reviews = list(cases.select_for_update(of=("self",)).select_related("person").order_by("pk"))
    lock_people([review.person_id for review in reviews])
    return reviews


def _attached(reviews: Sequence[Review], actor: User) -> list[Review]:
    """Those whose number could be attached; the others, whom somebody else was faster with, stay open."""
    answers = attach_cns([offer_of(review) for review in reviews], actor=actor)
    refused = [review.pk for review in reviews if answers[review.person_id] in REFUSED]
    mark_open(refused)
    return [review for review in reviews if review.pk not in refused]


def may_undo_batch(batch: ReviewBatch, actor: User) -> bool:
    return batch.undone_at is None and batch.decided_by_id == actor.pk


def undo_batch(batch_id: int, *, actor: User) -> BatchOutcome:
    """Open the cases of a decision again and take back what each attached; those that something else has answered
    since, or on which later work stands, remain decided, and are told. For whoever decided. Raises NotUndoable.
    """
    try:
        return _undone(batch_id, actor)
    except IntegrityError as error:
        raise NotUndoable(
            "Um dos números anteriores já é de outra pessoa do cadastro. Desfaça caso a caso, em Casos decididos."
        ) from error


@transaction.atomic
def _undone(batch_id: int, actor: User) -> BatchOutcome:
    batch = ReviewBatch.objects.select_for_update().get(pk=batch_id)
    if not may_undo_batch(batch, actor):
        raise NotUndoable("Esta decisão já foi desfeita, ou é de outra pessoa.")
    reviews = _lock(Review.objects.filter(batch=batch))
    numbers = _attached_by(reviews)
    answered = _answered_since(reviews) | _with_later_work(numbers)
    undone = [
        review
        for review in reviews
        if review.pk not in answered and (review.pk in numbers) is (review.status == Review.Status.ACCEPTED)
    ]
    if not undone:
        raise NotUndoable("Não dá mais para desfazer: estes números já foram usados ou respondidos por outro caminho.")
    attached = [numbers[review.pk].pk for review in undone if review.pk in numbers]
    withdraw_cns(attached, origin=f"beneficiaries.reviewbatch:{batch.pk}", actor=actor)
    mark_open([review.pk for review in undone])
    batch.undone_at = timezone.now()
    batch.save(update_fields=["undone_at"])
    record(reopened_event(review, actor) for review in undone)
    data = {"cases": len(undone), "kept": len(reviews) - len(undone)}
    record([Event(EventKind.REVIEWS_REOPENED, "review_batch", batch.pk, actor=actor, data=data)])
    return BatchOutcome(batch, len(undone), len(reviews) - len(undone))


def _attached_by(reviews: Sequence[Review]) -> dict[int, CnsNumber]:
    """By case, the number that accepting it attached, where the person still has it."""
    keys = {review.pk for review in reviews}
    current = CnsNumber.objects.current().filter(person__in=[review.person_id for review in reviews])
    by_case = {number.evidence.get("review"): number for number in current}
    return {case: number for case, number in by_case.items() if case in keys}


def _answered_since(reviews: Sequence[Review]) -> set[int]:
    """Cases that were dismissed, and whose number the person has for certain by now or is asked about once more."""
    people = [review.person_id for review in reviews]
    certain = CnsNumber.objects.current().filter(person__in=people, verified=True)
    asked = Review.objects.filter(person__in=people, status=Review.Status.OPEN)
    known = set(certain.values_list("person_id", "number").union(asked.values_list("person_id", "number")))
    dismissed = (review for review in reviews if review.status == Review.Status.DISMISSED)
    return {review.pk for review in dismissed if (review.person_id, review.number) in known}


def _with_later_work(numbers: Mapping[int, CnsNumber]) -> set[int]:
    if not numbers:
        return set()
    since = min(number.attached_at for number in numbers.values())
    used = {each.person_id for each in dependents_of({n.person_id: n.number for n in numbers.values()}, since)}
    return {case for case, number in numbers.items() if number.person_id in used}
