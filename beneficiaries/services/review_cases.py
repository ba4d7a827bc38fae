"""Opens review cases, and closes them where another source has answered the question."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Review
from beneficiaries.services.change_events import lock_referenced_people
from cnsportal.db.sql_files import read_statements
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id

_SQL = read_statements("beneficiaries/sql/review_cases.sql")


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
    """Put the cases on the desk; how many are new.

    One that is open, or was dismissed before, is not asked again; nor is the number that the person has for certain;
    nor anything of somebody whose record a merge took away.
    """
    people = lock_referenced_people({case.person_id for case in cases})
    asked = Review.objects.filter(person__in=people, status__in=[Review.Status.OPEN, Review.Status.DISMISSED])
    certain = CnsNumber.objects.current().filter(person__in=people, verified=True)
    known = set(asked.values_list("person_id", "number").union(certain.values_list("person_id", "number")))
    there = [case for case in cases if case.person_id in people]
    fresh = {(case.person_id, case.number): case for case in there if (case.person_id, case.number) not in known}
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


def drop_answered(people: Collection[int]) -> int:
    """Take the open cases from the desk whose number these people have for certain by now; how many."""
    return _drop("ANY (%(people)s::bigint[])", {"people": list(people)}) if people else 0


def drop_answered_of_attached() -> int:
    """The same for those in the table ``attached`` (attach_from_select)."""
    return _drop("ANY (SELECT person_id FROM attached)", {})


def _drop(people: str, parameters: dict[str, Any]) -> int:
    about: dict[str, Any] = {"operator": current_operator_id(), "now": timezone.now(), **parameters}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["drop_answered"].format(people=people), about)
        dropped = cursor.fetchall()
    record_dropped(dropped)
    return len(dropped)


def record_dropped(cases: Iterable[tuple[int, int, str]]) -> None:
    """From key, person and origin of cases that were withdrawn because they ask nothing any more."""
    record(
        Event(EventKind.REVIEW_WITHDRAWN, "review", pk, person, source=origin, data={"answered": True})
        for pk, person, origin in cases
    )
