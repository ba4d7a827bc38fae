"""The review desk: numbers that only a person may decide on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from beneficiaries.models import CnsSource, Review
from beneficiaries.services.attachment import Attachment, WantedCns, attach_cns
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User


class AlreadySettled(Exception):
    """Somebody else decided this case meanwhile."""


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A number for a person, and what speaks for and against it."""

    person_id: int
    number: str
    source: CnsSource
    tier: str
    reason: str  # the identity policy's sentence
    kind: str = ""
    comparison: list[dict[str, Any]] = field(default_factory=list)
    origin: str = ""  # "cadsus.lookup:12", "sib.difference:7"


@transaction.atomic
def open_reviews(cases: Sequence[ReviewCase]) -> int:
    """Put the cases on the desk; how many are new. One that is open, or was decided before, is not asked again."""
    asked = Review.objects.filter(person__in={case.person_id for case in cases}).exclude(status=Review.Status.WITHDRAWN)
    known = set(asked.values_list("person_id", "number"))
    fresh = {(case.person_id, case.number): case for case in cases if (case.person_id, case.number) not in known}
    rows = Review.objects.bulk_create(map(_row, fresh.values()), ignore_conflicts=True)
    record(_opened(case) for case in fresh.values())
    return len(rows)


def _row(case: ReviewCase) -> Review:
    return Review(
        operator_id=current_operator_id(),
        person_id=case.person_id,
        number=case.number,
        kind=case.kind,
        source=case.source,
        tier=case.tier,
        reason=case.reason,
        comparison=case.comparison,
        origin=case.origin,
    )


def _opened(case: ReviewCase) -> Event:
    data = {"tier": case.tier, "source": str(case.source)}
    return Event(EventKind.REVIEW_OPENED, "person", case.person_id, case.person_id, source=case.origin, data=data)


@transaction.atomic
def settle_review(review_id: int, *, accept: bool, actor: User, note: str = "") -> Attachment | None:
    """Accept or dismiss a case; the answer of attach_cns, None where it was dismissed.

    Where the number cannot be attached (somebody else holds it by now) the case stays open. Raises AlreadySettled.
    """
    review = Review.objects.select_for_update().get(pk=review_id)
    if review.status != Review.Status.OPEN:
        raise AlreadySettled
    answer = attach_cns([_wanted(review)], actor=actor)[review.person_id] if accept else None
    if answer in {Attachment.TAKEN, Attachment.INVALID, Attachment.UNKNOWN_PERSON}:
        return answer
    review.status = Review.Status.ACCEPTED if accept else Review.Status.DISMISSED
    review.decided_at, review.decided_by, review.note = timezone.now(), actor, note
    review.save(update_fields=["status", "decided_at", "decided_by", "note"])
    kind = EventKind.REVIEW_ACCEPTED if accept else EventKind.REVIEW_DISMISSED
    record([Event(kind, "review", review.pk, review.person_id, actor, review.origin, {"note": note})])
    return answer


def _wanted(review: Review) -> WantedCns:
    evidence = {"tier": review.tier, "reason": review.reason, "comparison": review.comparison, "found": review.source}
    return WantedCns(
        person_id=review.person_id,
        number=review.number,
        source=CnsSource.REVIEW,
        kind=review.kind,
        tier=review.tier,
        evidence=evidence,
        origin=f"beneficiaries.review:{review.pk}",
    )
