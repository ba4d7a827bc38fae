"""Chooses who is asked about at night: people without a CNS, and people whose answer is old.

CadSUS changes: newborns are registered, provisional numbers become definitive, records are cleaned, merged and numbered
again. So every answer has an age after which the question is asked again.
"""

from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from beneficiaries.models import CnsNumber, Person
from beneficiaries.models.people import PersonQuerySet
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services.lookups.enqueue import ask_cns
from cnsportal.jobs import Status

BATCH_SIZE = 1000
AGAIN = timedelta(days=30)  # after an answer that gave no number, or none that is definitive
NEWBORN = timedelta(days=365)  # age up to which the steps below count
NEWBORN_STEPS = tuple(timedelta(days=days) for days in (7, 30, 60))  # after the first answer


def ask_missing() -> int:
    """Queue a question about everybody with an active link who has no CNS and no recent answer; how many were."""
    asked = 0
    for batch in without_cns_and_due().in_batches(BATCH_SIZE):
        asked += len(ask_cns(batch, reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG))
    return asked


def recheck() -> int:
    """Queue a question about those whose number is provisional, unverified or long unchecked, the oldest first."""
    oldest = with_cns_and_due()[: settings.CADSUS_RECHECKS_A_NIGHT]
    return len(
        ask_cns(list(oldest.values_list("pk", flat=True)), reason=LookupReason.RECHECK, priority=Priority.BACKLOG)
    )


def without_cns_and_due() -> PersonQuerySet:
    now = timezone.now()
    passed = [Q(first_answer__lte=now - step, last_answer__lt=F("first_answer") + step) for step in NEWBORN_STEPS]
    newborn = Q(birth_date__gt=now - NEWBORN) & reduce(or_, passed)
    return _idle().without_cns().filter(Q(last_answer=None) | Q(last_answer__lt=now - AGAIN) | newborn)


def with_cns_and_due() -> PersonQuerySet:
    now = timezone.now()
    current = CnsNumber.objects.current().filter(person=OuterRef("pk"))
    settled = current.filter(verified=True).exclude(kind="P")
    checked = Greatest("last_answer", Subquery(current.values("attached_at")))  # of NULLs, PostgreSQL takes no notice
    return (
        _idle()
        .with_cns()
        .annotate(checked_at=checked, settled_number=Subquery(settled.values("pk")))
        .filter(
            Q(checked_at__lt=now - timedelta(days=settings.CADSUS_RECHECK_DAYS))
            | Q(settled_number=None, checked_at__lt=now - AGAIN)
        )
        .order_by("checked_at", "pk")
    )


def _idle() -> PersonQuerySet:
    """People with an active link and no open lookup, with their first and last answers."""
    answers = Lookup.objects.filter(person=OuterRef("pk"), status=Status.DONE).order_by().values("person")
    return (
        Person.objects.with_active_link()
        .exclude(Exists(Lookup.objects.open().filter(person=OuterRef("pk"))))
        .annotate(
            first_answer=Subquery(answers.annotate(at=Min("finished_at")).values("at")),
            last_answer=Subquery(answers.annotate(at=Max("finished_at")).values("at")),
        )
    )
