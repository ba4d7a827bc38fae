"""The queue of the review desk: what waits for this reader, in the order of its opening."""

from django.db.models import Q, QuerySet

from beneficiaries.models import Review


def waiting_for(reader_id: int) -> QuerySet[Review]:
    """Open cases; those that the reader proposed to accept wait for somebody else."""
    cases = Review.objects.filter(status=Review.Status.OPEN).exclude(proposed_by=reader_id)
    return cases.select_related("person", "proposed_by").order_by("opened_at", "pk")


def neighbours(case: Review, queue: QuerySet[Review]) -> tuple[Review | None, Review | None]:
    """The case before this one in the queue, and the one after it; this one need not be in it."""
    before = Q(opened_at__lt=case.opened_at) | Q(opened_at=case.opened_at, pk__lt=case.pk)
    after = Q(opened_at__gt=case.opened_at) | Q(opened_at=case.opened_at, pk__gt=case.pk)
    return queue.filter(before).last(), queue.filter(after).first()
