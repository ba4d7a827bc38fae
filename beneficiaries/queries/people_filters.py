"""What the list of people may be narrowed to, and how many of the people found each value leaves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from beneficiaries.models import Beneficiary, CnsNumber, Person
from operators.context import current_operator_id

MAX_VALUES = 200  # of one filter that are offered, those of most people
AGE_GROUPS = {
    "0-18": (0, 18),
    "19-23": (19, 23),
    "24-28": (24, 28),
    "29-33": (29, 33),
    "34-38": (34, 38),
    "39-43": (39, 43),
    "44-48": (44, 48),
    "49-53": (49, 53),
    "54-58": (54, 58),
    "59-": (59, None),
}
"""Years, both included: those by which ANS lets prices differ (RN 563/2022)."""

Counts = dict[str, dict[Any, int]]


def conditions_of(asked: Mapping[str, Any], *, today: date) -> list[Q]:
    """Of a valid PeopleFilterForm; what it leaves blank may be anything. All of a link is asked of one active link."""
    found = []
    if links := {lookup: asked[name] for name, lookup in _LINK_LOOKUPS.items() if asked.get(name)}:
        found.append(Q(Exists(Beneficiary.objects.active().filter(person=OuterRef("pk"), **links))))
    if numbers := {lookup: asked[name] for name, lookup in _NUMBER_LOOKUPS.items() if asked.get(name)}:
        found.append(Q(Exists(CnsNumber.objects.current().filter(person=OuterRef("pk"), **numbers))))
    if asked.get("municipio"):
        found.append(Q(city_code=asked["municipio"]))
    if asked.get("idade"):
        found.append(_aged(*AGE_GROUPS[asked["idade"]], today))
    return found


_LINK_LOOKUPS = {"plano": "plan", "empresa": "contract__company", "contrato": "contract__number"}
_NUMBER_LOOKUPS = {
    "origem": "source",
    "nivel": "tier",
    "desde": "attached_at__date__gte",
    "ate": "attached_at__date__lte",
}


def _aged(youngest: int, oldest: int | None, today: date) -> Q:
    born = Q(birth_date__lte=_years_before(today, youngest))
    return born if oldest is None else born & Q(birth_date__gt=_years_before(today, oldest + 1))


def _years_before(today: date, years: int) -> date:
    """Who was born on 29 February is a year older on 1 March (Código Civil, art. 132, third paragraph)."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)


def count_values(people: QuerySet[Person], *, today: date) -> Counts:
    """For each filter the values that some of these people have, with how many have them; most people first.

    A constant number of statements, each over all of the people.
    """
    keys = people.order_by().values("pk")
    links = Beneficiary.objects.active().filter(person__in=keys)
    numbers = CnsNumber.objects.current().filter(person__in=keys, operator=current_operator_id())
    ages = {f"age_{index}": Count("pk", filter=_aged(*span, today)) for index, span in enumerate(AGE_GROUPS.values())}
    counted = Person.objects.filter(pk__in=keys).aggregate(**ages)
    return {
        "plano": _most(links, "plan", "person"),
        "empresa": _most(links.filter(contract__company__isnull=False), "contract__company", "person"),
        "municipio": _most(Person.objects.filter(pk__in=keys).exclude(city_code=""), "city_code", "pk"),
        "origem": _most(numbers, "source", "pk"),
        "nivel": _most(numbers.exclude(tier=""), "tier", "pk"),
        "idade": {group: counted[f"age_{index}"] for index, group in enumerate(AGE_GROUPS)},
    }


def _most(rows: QuerySet[Any], column: str, counted: str) -> dict[Any, int]:
    found = rows.order_by().values_list(column).annotate(people=Count(counted, distinct=counted != "pk"))
    return dict(found.order_by("-people", column)[:MAX_VALUES])
