"""Lists of people whom one kind of correction helps: what lacks, what contradicts, what has waited too long."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from beneficiaries.models import Beneficiary, CnsNumber, Person
from beneficiaries.models.cns import CnsNumberQuerySet
from beneficiaries.models.links import BeneficiaryQuerySet

MAX_COUNTED = 10_000
NEWBORN_DAYS = 90
LONG_UNVERIFIED_DAYS = 90


class Worklist(StrEnum):
    """The value stands in the address of the list of people; then its label, and what to do about those who stand in
    it. All are of people with an active link.
    """

    label: str
    hint: str

    def __new__(cls, value: str, label: str = "", hint: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.hint = hint
        return member

    WITHOUT_CPF = (
        "sem-cpf",
        "Sem CPF e sem CNS",
        "Com o CPF, o DATASUS pode ser consultado e a resposta vale mais.",
    )
    WITHOUT_MOTHER = (
        "sem-mae",
        "Sem nome da mãe e sem CNS",
        "Com o nome da mãe, duas pessoas de mesmo nome e nascimento deixam de ser uma dúvida.",
    )
    NEWBORN = (
        "recem-nascidos",
        "Recém-nascidos sem CNS",
        f"Nascidos há até {NEWBORN_DAYS} dias. Confira o nome, que muda com o registro, e o número da DN.",
    )
    OF_CANCELLED_HOLDER = (
        "titular-cancelado",
        "Dependentes ativos de titular cancelado",
        "O vínculo do titular terminou e o do dependente não. Cancele o dependente ou reative o titular.",
    )
    NUMBER_OF_SOMEBODY = (
        "numero-de-outra-pessoa",
        "Número recusado",
        "Um número foi oferecido e não pôde ser gravado: é de outra pessoa, ou foi dito que não é desta.",
    )
    LONG_UNVERIFIED = (
        "nao-verificado-ha-tempo",
        "CNS não verificado há muito tempo",
        f"Há mais de {LONG_UNVERIFIED_DAYS} dias ninguém confirma o número. Consulte o DATASUS.",
    )

    @classmethod
    def of(cls, value: str) -> "Worklist | None":
        return next((each for each in cls if each.value == value), None)


def in_worklist(chosen: Worklist, *, today: date) -> Q:
    """The condition on a person."""
    conditions = {
        Worklist.WITHOUT_CPF: Q(cpf__isnull=True) & _without_cns(),
        Worklist.WITHOUT_MOTHER: Q(mother_name="") & _without_cns(),
        Worklist.NEWBORN: Q(birth_date__gt=today - timedelta(days=NEWBORN_DAYS)) & _without_cns(),
        Worklist.OF_CANCELLED_HOLDER: Q(Exists(_active_links().filter(holder__cancelled_on__lte=today))),
        Worklist.NUMBER_OF_SOMEBODY: ~Q(cns_refusal=""),
        Worklist.LONG_UNVERIFIED: Q(
            Exists(
                _numbers().filter(verified=False, attached_at__date__lt=today - timedelta(days=LONG_UNVERIFIED_DAYS))
            )
        ),
    }
    return Q(Exists(_active_links())) & conditions[chosen]


def count_worklists() -> dict[Worklist, int]:
    """How many people stand in each, counted no further than MAX_COUNTED: a statement each, for one statement of all
    would ask every question of every person.
    """
    today, people = timezone.localdate(), Person.objects.order_by()
    return {each: people.filter(in_worklist(each, today=today)).values("pk")[:MAX_COUNTED].count() for each in Worklist}


def _active_links() -> BeneficiaryQuerySet:
    return Beneficiary.objects.active().filter(person=OuterRef("pk"))


def _numbers() -> CnsNumberQuerySet:
    return CnsNumber.objects.current().filter(person=OuterRef("pk"))


def _without_cns() -> Q:
    return Q(~Exists(_numbers()))
