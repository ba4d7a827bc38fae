"""What each contracting company can correct: its people without a CNS whose data lack something or may be wrong."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from beneficiaries.models import Beneficiary, Company, PendingReason, Person
from beneficiaries.models.pending import StepKind

MAX_COMPANIES = 500  # that are listed, those with most to correct
MAX_PACK_PEOPLE = 1_000  # of one sheet
LABELS = {
    "cpf": "CPF",
    "name": "nome",
    "birth_date": "nascimento",
    "mother_name": "nome da mãe",
    "sex": "sexo",
}
"""Fields that a company is asked for."""
TO_CORRECT = [reason for reason in PendingReason if reason.next_step.kind is StepKind.EDIT]
_WANTING = Q(pending__in=TO_CORRECT) | Q(cpf__isnull=True) | Q(mother_name="")


@dataclass(frozen=True, slots=True)
class CompanyCount:
    company: Company
    people: int


def people_to_correct() -> QuerySet[Person]:
    people: Any = Person.objects.without_cns().with_pending().filter(_WANTING)
    return people  # type: ignore[no-any-return]


def people_of_company(company: Company) -> QuerySet[Person]:
    """Those to correct with an active link of the company, by name."""
    links = Beneficiary.objects.active().filter(contract__company=company)
    return people_to_correct().filter(pk__in=links.values("person")).order_by("name_key", "pk")[:MAX_PACK_PEOPLE]


def people_linked_by(company: Company, people: Collection[int]) -> set[int]:
    """Those of these people with an active link of the company."""
    links = Beneficiary.objects.active().filter(contract__company=company, person__in=people)
    return set(links.values_list("person", flat=True))


def count_by_company() -> list[CompanyCount]:
    """Two statements."""
    links = Beneficiary.objects.active().filter(
        contract__company__isnull=False, person__in=people_to_correct().order_by().values("pk")
    )
    counted = links.order_by().values_list("contract__company").annotate(people=Count("person", distinct=True))
    counts = dict(counted.order_by("-people", "contract__company")[:MAX_COMPANIES])
    companies = Company.objects.in_bulk(counts)
    return [CompanyCount(companies[key], people) for key, people in counts.items()]


def wanted_fields(person: Any) -> list[str]:
    """Of a person with ``pending``: what is blank and what the next step asks for, of what a company is asked for."""
    blank = [name for name in ("cpf", "mother_name") if not getattr(person, name)]
    step = PendingReason(person.pending).next_step
    asked = step.fields if step.kind is StepKind.EDIT else ()
    named = [name for name in asked if not step.completes or not getattr(person, name)]
    return [name for name in LABELS if name in {*blank, *named}]
