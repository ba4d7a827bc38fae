"""Removes numbers from people: the reverse of attach_cns, and the only place that does it.

The caller holds the people first, checks whether anything depends on what is to go (queries.dependents), and then
takes it back, all in one transaction.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from beneficiaries.models import Beneficiary, Person, Review
from cnsportal.db.sql_files import read_statements
from operators.audit import Event, EventKind, record
from operators.models import User

_SQL = read_statements("beneficiaries/sql/detach_cns.sql")


def lock_people(people: Collection[int], reviews: Collection[str] = ()) -> None:
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
        cursor.execute(_SQL["withdraw"], {"numbers": list(numbers), "now": timezone.now()})
        undone = cursor.fetchall()
        cursor.execute(_SQL["reopen"], {"people": [person for person, _ in undone], "numbers": list(numbers)})
        previous = dict(cursor.fetchall())
    dated = Person.objects.filter(pk__in=[person for person, _ in undone], cns_confirmed_at__isnull=False)
    dated.update(cns_confirmed_at=None)  # it was said of the number that is gone
    record(
        Event(
            EventKind.CNS_WITHDRAWN, "person", person, person, actor, origin, _event_data(number, previous.get(person))
        )
        for person, number in undone
    )
    return len(undone)


def _event_data(number: str, previous: str | None) -> dict[str, Any]:
    return {"number": number, "previous": previous} if previous else {"number": number}


def withdraw_ccos(ccos: Mapping[int, str], *, origin: str, actor: User | None = None) -> int:
    """Take the CCO from these links again where they still have it; how many did."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["take_ccos"], {"links": list(ccos), "ccos": list(ccos.values())})
        taken = cursor.fetchall()
    record(
        Event(EventKind.CCO_WITHDRAWN, "beneficiary", link, person, actor, origin, {"cco": cco})
        for link, person, cco in taken
    )
    return len(taken)


def withdraw_reviews(people: Collection[int], origins: Collection[str], *, actor: User | None = None) -> int:
    """Take the open cases of these origins from the desk; they may be asked again. How many."""
    open_cases = Review.objects.filter(person__in=people, origin__in=origins, status=Review.Status.OPEN)
    cases = list(open_cases.values_list("pk", "person_id", "origin"))
    taken = Review.objects.filter(pk__in=[pk for pk, _, _ in cases])
    taken.update(status=Review.Status.WITHDRAWN, decided_at=timezone.now(), decided_by=actor)
    record(Event(EventKind.REVIEW_WITHDRAWN, "review", pk, person, actor, origin) for pk, person, origin in cases)
    return len(cases)
