"""The same CNS at two people: who holds it, for whom else it waits or was refused, and how the two are related."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from beneficiaries.domain.names import fold
from beneficiaries.models import Beneficiary, PendingReason, Person
from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id

_SQL = read_statements("beneficiaries/sql/number_radar.sql")
PAGE_SIZE = 50
MAX_CLAIMS = 10_000  # that are counted


@dataclass(frozen=True, slots=True)
class SharedNumber:
    """``held`` is the key of the holder's number, ``review`` of the open case about the other person, if any."""

    person: Person
    holder: Person
    number: str
    verified: bool
    held: int
    review: int | None
    kinship: str  # in words; blank where none is known


def shared_numbers(after: int | None) -> tuple[list[SharedNumber], int | None]:
    """One page by person, and the person behind whom the next begins; four queries."""
    claims = _claims(after or 0, PAGE_SIZE + 1)
    more, claims = len(claims) > PAGE_SIZE, claims[:PAGE_SIZE]
    people = Person.objects.in_bulk({key for claim in claims for key in (claim["person_id"], claim["holder_id"])})
    family = _family_pairs(people)
    rows = [
        SharedNumber(
            person := people[claim["person_id"]],
            holder := people[claim["holder_id"]],
            claim["number"],
            claim["verified"],
            claim["held_id"],
            claim["review_id"],
            _kinship(person, holder, family),
        )
        for claim in claims
    ]
    return rows, rows[-1].person.pk if more else None


def count_shared_numbers() -> int:
    return len(_claims(0, MAX_CLAIMS))


def _claims(after: int, limit: int) -> list[dict[str, Any]]:
    values: dict[str, Any] = {
        "operator": current_operator_id(),
        "taken": PendingReason.TAKEN.value,
        "after": after,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["claims"], values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _family_pairs(people: dict[int, Person]) -> set[frozenset[int]]:
    """Who depends on whom, or on the same holder."""
    links: Any = Beneficiary.objects.filter(person__in=people, holder__isnull=False)
    holders: dict[int, set[int]] = {}
    for person, holder, of_holder in links.values_list("person", "holder", "holder__person"):
        holders.setdefault(holder, {of_holder}).add(person)
    return {frozenset((one, other)) for members in holders.values() for one in members for other in members - {one}}


def _kinship(person: Person, holder: Person, family: set[frozenset[int]]) -> str:
    if person.mother_name and fold(person.mother_name) == holder.name_key:
        return "o número é da mãe"
    if holder.mother_name and fold(holder.mother_name) == person.name_key:
        return "o número é de filho ou filha"
    return "são do mesmo grupo familiar" if frozenset((person.pk, holder.pk)) in family else ""
