"""What was given to people taken back: the other side of attachment, and the only place that does it.

The caller holds the people first, looks whether anything stands on what is to go (queries.dependents), and then
takes it back, all in one transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from beneficiaries.models import Beneficiary, Person, Review
from operators.audit import Event, EventKind, record
from operators.models import User


def hold_people(people: Collection[int], reviews: Collection[str] = ()) -> None:
    """Lock the reviews that came of these origins, the people, and their links; in the order that all others keep."""
    cases = Review.objects.filter(person__in=people, origin__in=reviews) if reviews else Review.objects.none()
    list(cases.select_for_update().order_by("pk").values_list("pk"))
    persons = Person.objects.filter(pk__in=people).order_by("pk")
    list(persons.select_for_update(no_key=True).values_list("pk"))
    links = Beneficiary.objects.filter(person__in=people).order_by("pk")
    list(links.select_for_update(no_key=True).values_list("pk"))


def withdraw_cns(numbers: Collection[int], *, origin: str, actor: User | None = None) -> int:
    """End these numbers as undone; what each had superseded or confirmed is current again. How many were current."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, {"numbers": list(numbers), "now": timezone.now()})
        undone = cursor.fetchall()
        cursor.execute(_REOPEN, {"people": [person for person, _ in undone], "numbers": list(numbers)})
        previous = dict(cursor.fetchall())
    dated = Person.objects.filter(pk__in=[person for person, _ in undone], cns_confirmed_at__isnull=False)
    dated.update(cns_confirmed_at=None)  # it was said of the number that is gone
    record(
        Event(EventKind.CNS_WITHDRAWN, "person", person, person, actor, origin, _told(number, previous.get(person)))
        for person, number in undone
    )
    return len(undone)


def _told(number: str, previous: str | None) -> dict[str, Any]:
    return {"number": number, "previous": previous} if previous else {"number": number}


_WITHDRAW = """
    UPDATE beneficiaries_cnsnumber SET ended_at = %(now)s, end_reason = 'WITHDRAWN'
     WHERE id = ANY (%(numbers)s::bigint[]) AND ended_at IS NULL
    RETURNING person_id, number
"""
_REOPEN = """
    UPDATE beneficiaries_cnsnumber previous SET ended_at = NULL, end_reason = ''
      FROM beneficiaries_cnsnumber undone
     WHERE undone.id = ANY (%(numbers)s::bigint[]) AND undone.person_id = ANY (%(people)s::bigint[])
       AND previous.person_id = undone.person_id AND previous.ended_at = undone.attached_at
       AND previous.end_reason IN ('SUPERSEDED', 'CONFIRMED')
    RETURNING previous.person_id, previous.number
"""


def withdraw_ccos(ccos: Mapping[int, str], *, origin: str, actor: User | None = None) -> int:
    """Take the CCO from these links again where they still have it; how many did."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_CCOS, {"links": list(ccos), "ccos": list(ccos.values())})
        taken = cursor.fetchall()
    record(
        Event(EventKind.CCO_WITHDRAWN, "beneficiary", link, person, actor, origin, {"cco": cco})
        for link, person, cco in taken
    )
    return len(taken)


_TAKE_CCOS = """
    UPDATE beneficiaries_beneficiary link SET cco = NULL, updated_at = now()
      FROM unnest(%(links)s::bigint[], %(ccos)s::text[]) AS given (link, cco)
     WHERE link.id = given.link AND link.cco = given.cco
    RETURNING link.id, link.person_id, given.cco
"""


def withdraw_reviews(people: Collection[int], origins: Collection[str], *, actor: User | None = None) -> int:
    """Take the open cases of these origins from the desk; they may be asked again. How many."""
    open_cases = Review.objects.filter(person__in=people, origin__in=origins, status=Review.Status.OPEN)
    cases = list(open_cases.values_list("pk", "person_id", "origin"))
    taken = Review.objects.filter(pk__in=[pk for pk, _, _ in cases])
    taken.update(status=Review.Status.WITHDRAWN, decided_at=timezone.now(), decided_by=actor)
    record(Event(EventKind.REVIEW_WITHDRAWN, "review", pk, person, actor, origin) for pk, person, origin in cases)
    return len(cases)
