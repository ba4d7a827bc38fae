"""A link (vínculo) of a person to a plan, numbered by ANS with its CCO, and its waiting periods (carências)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models.people import Person
from beneficiaries.models.plans import Contract, Plan
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet


class Relationship(models.TextChoices):
    """relacaoDependencia of the SIB."""

    HOLDER = "1", "titular"
    SPOUSE = "3", "cônjuge ou companheiro(a)"
    CHILD = "4", "filho(a)"
    STEPCHILD = "6", "enteado(a)"
    PARENT = "8", "pai ou mãe"
    OTHER = "10", "agregado ou outro"


class BeneficiaryQuerySet(OperatorQuerySet["Beneficiary"]):
    def active(self) -> "BeneficiaryQuerySet":
        """Links in force today: never cancelled, or cancelled as from a later day."""
        return self.filter(Q(cancelled_on__isnull=True) | Q(cancelled_on__gt=timezone.localdate()))

    def cancelled(self) -> "BeneficiaryQuerySet":
        """All others."""
        return self.filter(cancelled_on__lte=timezone.localdate())


class Beneficiary(OperatorOwned):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    code = models.CharField("código do beneficiário", max_length=30)
    cco = models.CharField("CCO", max_length=12, null=True, blank=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="links")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="links", null=True, blank=True)
    holder = models.ForeignKey("self", on_delete=models.SET_NULL, related_name="dependants", null=True, blank=True)
    relationship = models.CharField("relação de dependência", max_length=2, choices=Relationship.choices)
    contracted_on = models.DateField("data da contratação")
    first_contracted_on = models.DateField("data da primeira contratação", null=True, blank=True)
    reactivated_on = models.DateField("data da reativação", null=True, blank=True)
    cover_from = models.DateField("início da cobertura", null=True, blank=True)  # else reactivation, else contracting
    cpt_until = models.DateField("fim da cobertura parcial temporária (CPT)", null=True, blank=True)  # health data
    cancelled_on = models.DateField("data do cancelamento", null=True, blank=True)
    cancellation_reason = models.CharField("motivo do cancelamento", max_length=2, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OperatorManager.from_queryset(BeneficiaryQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "vínculo"
        constraints = [
            models.UniqueConstraint(fields=["operator", "code"], name="beneficiary_code_once"),
            models.UniqueConstraint(fields=["operator", "cco"], name="beneficiary_cco_once"),
            models.CheckConstraint(
                condition=Q(cco__isnull=True) | Q(cco__regex=r"^\d{12}$"), name="beneficiary_cco_digits"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="beneficiary_code_given"),
        ]

    def __str__(self) -> str:
        return f"vínculo {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.cancelled_on is None or self.cancelled_on > timezone.localdate()

    @property
    def is_holder(self) -> bool:
        return self.relationship == Relationship.HOLDER


class WaitingGroup(models.TextChoices):
    """Procedures that a carência holds back (RN 509/2022, item 16)."""

    OUTPATIENT = "A", "Procedimentos ambulatoriais"
    HOSPITAL = "H", "Internações hospitalares"
    BIRTH = "P", "Parto a termo"
    DENTAL = "O", "Procedimentos odontológicos"


class WaitingUnit(models.TextChoices):
    HOURS = "H", "horas"
    DAYS = "D", "dias"
    MONTHS = "M", "meses"
    YEARS = "A", "anos"


class WaitingPeriod(OperatorOwned):
    """Carência of one group of procedures; a group without one has no row."""

    # Imported by the million: the key below serves both columns.
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.CASCADE, db_index=False, related_name="waiting_periods"
    )
    group = models.CharField("grupo", max_length=1, choices=WaitingGroup.choices)
    amount = models.PositiveSmallIntegerField("prazo")
    unit = models.CharField("unidade", max_length=1, choices=WaitingUnit.choices)
    ends_on = models.DateField("fim da carência", null=True, blank=True)

    class Meta:
        verbose_name = "carência"
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "group"], name="waiting_group_once"),
            models.CheckConstraint(condition=Q(group__in=WaitingGroup.values), name="waiting_group_known"),
            models.CheckConstraint(condition=Q(unit__in=WaitingUnit.values, amount__gt=0), name="waiting_term_given"),
        ]

    def __str__(self) -> str:
        return f"carência {self.pk}"
