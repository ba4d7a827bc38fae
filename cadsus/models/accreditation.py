"""What people recorded about the accreditation at DATASUS: steps, the staff in SGOP and their machines."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from cadsus.domain.accreditation_steps import Step, StepNotes
from cadsus.domain.own_cns import OwnCnsEvidence, OwnCnsFinding
from cadsus.domain.sgop import Machine, Position, SgopRole, SgopState, StaffMember
from cadsus.models.environments import EnvironmentName
from cnsportal.db.optimistic_lock import Versioned
from cnsportal.jobs import OPEN, Job, JobQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User

STATES = [(state.value, state.label) for state in SgopState]


def dated(name: str, *fields: str) -> list[models.BaseConstraint]:
    """Whatever has left its first state says since when."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}_state": SgopState.TODO.value}) | Q(**{f"{field}_since__isnull": False}),
            name=f"{name}_{field}_dated",
        )
        for field in fields
    ]


def _state(label: str) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=7, choices=STATES, default=SgopState.TODO.value)


def _since() -> "models.DateField[date | None, date | None]":
    return models.DateField("desde", null=True, blank=True)


class Tracked(Versioned, OperatorOwned):
    """A row that several people may have open at once: whoever writes says which version they had read."""

    personal: ClassVar[frozenset[str]] = frozenset()  # fields that name or describe people: kept apart in the audit

    changed_at = models.DateTimeField("alterado em", auto_now=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        abstract = True


class AccreditationStep(Tracked):
    """One step as people left it; the portal's own sight of it is added when it is shown (accreditation_steps)."""

    personal = frozenset({"responsible", "protocol", "note"})

    step = models.CharField("passo", max_length=20, choices=[(step.value, step.label) for step in Step], editable=False)
    step_state = _state("situação")
    step_since = _since()
    due_on = models.DateField("prazo ou renovação", null=True, blank=True)
    responsible = models.CharField("pessoa responsável", max_length=100, blank=True)
    protocol = models.CharField("número do protocolo", max_length=60, blank=True)
    note = models.TextField("observação", max_length=500, blank=True)

    class Meta:
        verbose_name = "passo da habilitação"
        constraints = [
            models.UniqueConstraint(fields=["operator", "step"], name="accreditation_step_once"),
            *dated("accreditation", "step"),
        ]

    def __str__(self) -> str:
        return Step(self.step).label

    def as_written(self) -> StepNotes:
        return StepNotes(SgopState(self.step_state), self.step_since, self.due_on)


class SgopPerson(Tracked):
    """Somebody of the staff who shall have access to CadSUS Web."""

    personal = frozenset({"name", "responsible", "protocol"})

    name = models.CharField("nome", max_length=100)
    role = models.CharField("perfil no SGOP", max_length=13, choices=[(role.value, role.label) for role in SgopRole])
    position = models.CharField(
        "função na operadora", max_length=15, blank=True, choices=[(each.value, each.label) for each in Position]
    )
    cns_state = _state("CNS próprio, com alta qualidade do cadastro")
    cns_since = _since()
    govbr_state = _state("conta gov.br")
    govbr_since = _since()
    elsewhere_state = _state("no CNES, não responde por outro estabelecimento")
    elsewhere_since = _since()
    profile_state = _state("perfil escolhido no SGOP")
    profile_since = _since()
    access_state = _state("autorização no SGOP")
    access_since = _since()
    protocol = models.CharField("número do chamado", max_length=60, blank=True)
    responsible = models.CharField("quem acompanha", max_length=100, blank=True)

    class Meta:
        verbose_name = "pessoa no SGOP"
        constraints = dated("sgop_person", "cns", "govbr", "access", "elsewhere", "profile")

    def __str__(self) -> str:
        return f"pessoa no SGOP {self.pk}"

    def as_member(self, seen: OwnCnsEvidence | None = None) -> StaffMember:
        """With the machines, to be fetched ahead, and what DATASUS last said of the own CNS."""
        return StaffMember(
            SgopRole(self.role),
            (SgopState(self.cns_state), self.cns_since),
            (SgopState(self.govbr_state), self.govbr_since),
            (SgopState(self.access_state), self.access_since),
            tuple(machine.as_machine() for machine in self.machines.all()),
            Position(self.position) if self.position else None,
            (SgopState(self.elsewhere_state), self.elsewhere_since),
            (SgopState(self.profile_state), self.profile_since),
            seen.advice if seen else "",
        )


class OwnCnsCheckQuerySet(OperatorQuerySet["OwnCnsCheck"], JobQuerySet["OwnCnsCheck"]):  # type: ignore[override]
    def update(self, **changes: object) -> int:
        """Whoever ends a question, the recovery of stalled jobs too, forgets the number with it."""
        over = changes.get("status") not in {None, *OPEN}
        return super().update(**changes, **({"number": ""} if over else {}))

    def latest_of_each(self) -> "OwnCnsCheckQuerySet":
        return self.order_by("person_id", "-pk").distinct("person_id")


class OwnCnsCheck(OperatorOwned, Job):
    """A question to DATASUS about the own CNS of a person; the number is kept until the answer and no longer."""

    task_name: ClassVar[str] = "cadsus.run_own_cns_check"
    queue: ClassVar[str] = "interactive"

    person = models.ForeignKey(SgopPerson, on_delete=models.CASCADE, related_name="own_cns_checks")
    environment = models.CharField("ambiente", max_length=12, choices=EnvironmentName.choices)
    number = models.CharField("CNS", max_length=15, blank=True)
    masked = models.CharField("CNS mascarado", max_length=18)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=11, blank=True)  # a value of cadsus.domain.own_cns.OwnCnsFinding
    detail = models.CharField(max_length=80, blank=True)

    objects = OperatorManager.from_queryset(OwnCnsCheckQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "consulta do CNS próprio"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(status__in=OPEN), name="own_cns_check_open_once"),
            models.CheckConstraint(condition=Q(status__in=OPEN) | Q(number=""), name="own_cns_check_forgets_number"),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="own_cns_check_last")]

    def __str__(self) -> str:
        return f"consulta do CNS próprio {self.pk}"

    @property
    def seen(self) -> OwnCnsEvidence | None:
        return OwnCnsEvidence(OwnCnsFinding(self.finding), self.detail) if self.finding else None


class SgopMachine(Tracked):
    """A computer at which one person works; SGOP lets it in by itself."""

    personal = frozenset({"name"})

    person = models.ForeignKey(SgopPerson, on_delete=models.CASCADE, related_name="machines", editable=False)
    name = models.CharField("nome da máquina", max_length=60)
    warsaw_on = models.DateField("Warsaw instalado em", null=True, blank=True)
    approval_state = _state("autorização no SGOP")
    approval_since = _since()

    class Meta:
        verbose_name = "máquina no SGOP"
        constraints = dated("sgop_machine", "approval")

    def __str__(self) -> str:
        return f"máquina no SGOP {self.pk}"

    def as_machine(self) -> Machine:
        return Machine(self.warsaw_on, SgopState(self.approval_state), self.approval_since)
