"""Who stands beside a case of the review desk: family, other holders of the number, twins."""

from dataclasses import dataclass
from typing import Self

from beneficiaries.models import Beneficiary, CnsNumber, Person, Review
from beneficiaries.queries.family import family_of, twins_of

MAX_SHOWN = 12  # of each: more are hardly a family


@dataclass(frozen=True, slots=True)
class CaseSurroundings:
    """``holders`` are other people who have or had the number in question: the latest of each."""

    family: list[Beneficiary]
    holders: list[CnsNumber]
    twins: list[Person]

    def __bool__(self) -> bool:
        return bool(self.family or self.holders or self.twins)

    @classmethod
    def of(cls, case: Review) -> Self:
        return cls(
            family=list(family_of(case.person.links.all())[:MAX_SHOWN]),
            holders=_holders_of(case),
            twins=list(twins_of(case.person)[:MAX_SHOWN]),
        )


def _holders_of(case: Review) -> list[CnsNumber]:
    told = CnsNumber.objects.filter(number=case.number).exclude(person=case.person_id).select_related("person")
    latest = {number.person_id: number for number in told.order_by("attached_at", "pk")}
    return sorted(latest.values(), key=lambda number: not number.is_current)[:MAX_SHOWN]
