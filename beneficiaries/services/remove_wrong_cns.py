"""Removes a number that is not the person's, with a reason, and opens the search for the right one."""

from django.db import transaction
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, PendingReason, Person, Review
from beneficiaries.models.cns import EndReason
from beneficiaries.queries.dependents import notify_number_removed
from beneficiaries.services.detach_cns import lock_people
from beneficiaries.services.review_cases import ReviewCase, open_reviews
from operators.audit import Event, EventKind, record
from operators.models import User

FORMER = "Era o número desta pessoa antes do que foi retirado. Confira se é o dela."


class NotCurrent(Exception):
    """The person does not have this number any more; nothing was written."""


@transaction.atomic
def remove_wrong_cns(number_id: int, *, reason: str, actor: User) -> CnsNumber:
    """End the number; remembered, no source attaches it to the person again by itself. Raises NotCurrent.

    Cases about it are withdrawn, those that had accepted it too; the number before it comes to the desk. What other
    apps made with it (cards, drafts for ANS) follows by beneficiaries.registry.
    """
    number = CnsNumber.objects.filter(pk=number_id).first()
    if number is None:
        raise NotCurrent
    cases = Review.objects.filter(person=number.person_id, number=number.number)
    list(cases.select_for_update().order_by("pk").values_list("pk"))
    lock_people([number.person_id])
    ended = CnsNumber.objects.current().filter(pk=number_id)
    if not ended.update(ended_at=timezone.now(), end_reason=EndReason.NOT_THEIRS):
        raise NotCurrent
    Person.objects.filter(pk=number.person_id).update(cns_answer=PendingReason.WRONG_NUMBER, cns_confirmed_at=None)
    _withdraw_cases(number, actor)
    origin = f"beneficiaries.cnsnumber:{number.pk}"
    data = {"number": number.number, "note": reason}
    record([Event(EventKind.CNS_DISOWNED, "person", number.person_id, number.person_id, actor, origin, data)])
    notify_number_removed(number.person_id, number.number)
    _ask_about_former(number)
    return number


def _withdraw_cases(number: CnsNumber, actor: User) -> None:
    """An accepted case keeps who had decided it."""
    cases = Review.objects.filter(person=number.person_id, number=number.number)
    standing = cases.filter(status__in=[Review.Status.OPEN, Review.Status.ACCEPTED])
    rows = list(standing.values_list("pk", "origin"))
    Review.objects.filter(pk__in=[pk for pk, _ in rows]).update(
        status=Review.Status.WITHDRAWN, decided_at=timezone.now()
    )
    record(Event(EventKind.REVIEW_WITHDRAWN, "review", pk, number.person_id, actor, origin) for pk, origin in rows)


def _ask_about_former(number: CnsNumber) -> None:
    history = CnsNumber.objects.filter(person=number.person_id)
    wrong = history.filter(end_reason=EndReason.NOT_THEIRS).values("number")
    gave_way = history.filter(end_reason__in=[EndReason.SUPERSEDED, EndReason.MERGED])
    former = gave_way.exclude(number__in=wrong).order_by("-ended_at").first()
    held = former and CnsNumber.objects.current().filter(number=former.number).exists()
    if former and not held:
        comparison = former.evidence.get("comparison", [])
        source, origin = CnsSource(former.source), f"beneficiaries.cnsnumber:{former.pk}"
        open_reviews(
            [
                ReviewCase(
                    former.person_id,
                    former.number,
                    source,
                    former.tier or "E",
                    FORMER,
                    former.kind,
                    comparison,
                    origin,
                )
            ]
        )
