"""One fix away: people with an active link and no CNS to whom one field, completed or checked, may bring the number."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Self

from django.db.models import Q

from beneficiaries.models import PendingReason, Person
from beneficiaries.models.pending import StepKind, may_have
from beneficiaries.queries.worklists import MAX_COUNTED

BLANK = {"cpf": Q(cpf__isnull=True), "mother_name": Q(mother_name=""), "sex": Q(sex=""), "city_code": Q(city_code="")}


class Fix(StrEnum):
    """The value stands in the address of the list of people; then its label and the fields of Person that it is of."""

    label: str
    fields: tuple[str, ...]

    def __new__(cls, value: str, label: str = "", fields: tuple[str, ...] = ()) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.fields = fields
        return member

    FILL_CPF = "completar-cpf", "Completar o CPF", ("cpf",)
    FILL_MOTHER = "completar-mae", "Completar o nome da mãe", ("mother_name",)
    FILL_SEX = "completar-sexo", "Completar o sexo", ("sex",)
    FILL_CITY = "completar-municipio", "Completar o município", ("city_code",)
    FILL_MORE = "completar-mais", "Completar dois campos ou mais", ()
    CHECK_CPF = "conferir-cpf", "Conferir o CPF", ("cpf",)
    CHECK_DATA = "conferir-dados", "Conferir CPF, nome e nascimento", ("cpf", "name", "birth_date")

    @property
    def completes(self) -> bool:
        return self.value.startswith("completar")

    @classmethod
    def of(cls, value: str) -> "Fix | None":
        return next((each for each in cls if each.value == value), None)


def needs_fix(fix: Fix) -> Q:
    """On people with their ``pending``: this is what their next step asks for, and nothing besides.

    To complete, a field is blank and the others that the same step completes are not.
    """
    steps = [(reason, reason.next_step) for reason in PendingReason if reason.next_step.kind is StepKind.EDIT]
    if not fix.completes:
        reasons = [reason for reason, step in steps if not step.completes and step.fields == fix.fields]
        return may_have(*reasons) & Q(pending__in=reasons)
    if fix is Fix.FILL_MORE:
        return _two_blank({reason: step.fields for reason, step in steps if step.completes})
    (field,) = fix.fields
    asked = {reason: step for reason, step in steps if step.completes and field in step.fields}
    found = (
        Q(pending=reason) & ~reduce(or_, (BLANK[other] for other in step.fields if other != field))
        for reason, step in asked.items()
    )
    return may_have(*asked) & BLANK[field] & reduce(or_, found)


def _two_blank(fields: Mapping[PendingReason, Sequence[str]]) -> Q:
    """More than one of what the step of the reason completes."""
    found = (
        Q(pending=reason) & reduce(or_, (BLANK[one] & BLANK[other] for one, other in combinations(names, 2)))
        for reason, names in fields.items()
    )
    return may_have(*fields) & reduce(or_, found)


def count_fixes() -> dict[Fix, int]:
    """How many people are one fix away by each, counted no further than MAX_COUNTED; a statement each."""
    people = Person.objects.with_active_link().without_cns().with_pending().order_by()
    return {fix: people.filter(needs_fix(fix)).values("pk")[:MAX_COUNTED].count() for fix in Fix}
