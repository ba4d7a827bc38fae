"""Lookups: questions about people, asked by priority, and their results."""

from typing import ClassVar

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from beneficiaries.models import PendingReason, Person
from cadsus.client.pdq_query import SearchKey
from cadsus.models.environments import EnvironmentName
from cnsportal.db.sql_files import read_statements
from cnsportal.jobs import MAX_ATTEMPTS, OPEN, Job, JobQuerySet, Status
from operators.context import current_operator_id
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User

_SQL = read_statements("cadsus/sql/lookups.sql")


class LookupReason(models.TextChoices):
    """Why a person is asked about."""

    WITHOUT_CNS = "WITHOUT_CNS", "sem CNS"
    REQUESTED = "REQUESTED", "pedida na tela"
    IMPORTED = "IMPORTED", "recém-importada"
    RECHECK = "RECHECK", "conferência periódica"


class Priority(models.IntegerChoices):
    """Somebody who waits at a screen goes first, what just arrived next, the backlog last."""

    INTERACTIVE = 0, "imediata"
    IMPORT = 1, "importação"
    BACKLOG = 2, "fila"


class LookupOutcome(models.TextChoices):
    """What DATASUS answered; three kinds that never mix: found, not found, could not ask."""

    FOUND = "FOUND", "encontrada"
    SEVERAL = "SEVERAL", "mais de uma pessoa"
    REVIEW = "REVIEW", "precisa de decisão"
    NOT_FOUND = "NOT_FOUND", "não encontrada"
    REFUSED = "REFUSED", "consulta recusada"
    COULD_NOT_ASK = "COULD_NOT_ASK", "não foi possível consultar"


class LookupQuerySet(OperatorQuerySet["Lookup"], JobQuerySet["Lookup"]):  # type: ignore[override]
    def open(self) -> "LookupQuerySet":
        return self.filter(status__in=OPEN)

    def due(self) -> "LookupQuerySet":
        """Waiting for another try whose time has come."""
        return self.filter(status=Status.WAITING, next_attempt_at__lte=timezone.now())

    def running(self) -> "LookupQuerySet":
        return self.filter(status=Status.RUNNING)

    def undelivered(self) -> "LookupQuerySet":
        """None: a queued lookup needs no message of its own, the queue's worker finds it."""
        return self.none()

    def exhausted(self) -> "LookupQuerySet":
        """Interrupted time after time. Tries in vain do not count, or who waits out an outage would be given up."""
        return self.stalled().filter(attempt__gte=F("undisturbed") + MAX_ATTEMPTS)

    def requeue(self, **changes: object) -> int:
        now, calm = timezone.now(), F("attempt")
        return self.update(status=Status.QUEUED, queued_at=now, next_attempt_at=None, undisturbed=calm, **changes)

    def claim_next(self, environment: str, most: int, up_to: int) -> "list[Lookup]":
        """Take the next queued lookups for oneself, those that somebody else is taking left out."""
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(_SQL["claim"], [current_operator_id(), environment, up_to, most, now, now])
            claimed = [pk for (pk,) in cursor.fetchall()]
        found = self.filter(pk__in=claimed).select_related("person").order_by("priority", "failures", "pk")
        return list(found) if claimed else []


class Lookup(OperatorOwned, Job):
    """One question to DATASUS about one person, from the wish to the answer."""

    task_name: ClassVar[str] = "cadsus.run_lookup"
    queue: ClassVar[str] = "interactive"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="lookups")
    environment = models.CharField("ambiente", max_length=12, choices=EnvironmentName.choices)
    reason = models.CharField("motivo", max_length=11, choices=LookupReason.choices)
    priority = models.PositiveSmallIntegerField("prioridade", choices=Priority.choices)
    key = models.CharField("chave", max_length=5, choices=[(key.value, key.name) for key in SearchKey], blank=True)
    number = models.CharField("número informado", max_length=15, blank=True)  # a CNS or NIS that somebody gave
    facts = models.CharField("dados escolhidos", max_length=40, blank=True)  # fields of Search, with commas; empty: all
    birth_city = models.CharField("município de nascimento", max_length=6, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("resultado", max_length=13, choices=LookupOutcome.choices, blank=True)
    attached = models.BooleanField("CNS vinculado", default=False)
    tier = models.CharField("nível", max_length=1, blank=True)
    finding = models.CharField(max_length=40, blank=True)  # name of the identity policy's reason
    failures = models.PositiveSmallIntegerField(default=0)  # temporary ones in a row
    undisturbed = models.PositiveSmallIntegerField(default=0)  # attempts up to the last that was not interrupted
    next_attempt_at = models.DateTimeField("próxima tentativa", null=True)

    objects = OperatorManager.from_queryset(LookupQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "consulta"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(status__in=OPEN), name="lookup_open_once"),
            models.CheckConstraint(
                condition=~Q(status=Status.WAITING) | Q(next_attempt_at__isnull=False), name="lookup_waits_until"
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "next_attempt_at"], condition=Q(status="WAITING"), name="lookup_due"),
            models.Index(
                fields=["operator", "priority", "failures", "id"], condition=Q(status="QUEUED"), name="lookup_next"
            ),
            models.Index(fields=["operator", "status", "-id"], name="lookup_states"),
            models.Index(fields=["person", "-id"], name="lookup_person"),
        ]

    def __str__(self) -> str:
        return f"consulta {self.pk}"

    def enqueue(self, queue: str | None = None) -> None:
        """By a message of its own where somebody waits; the others are found by the queue's worker."""
        if self.priority == Priority.INTERACTIVE:
            super().enqueue(queue)

    @classmethod
    def recover_stalled(cls) -> int:
        given_up = cls.objects.exhausted().filter(number="", facts="", birth_city="")
        people = list(given_up.values_list("person_id", flat=True))
        freed = super().recover_stalled()
        if people:
            asked = Exists(cls.objects.open().filter(person=OuterRef("pk")))
            unasked = Person.objects.filter(~asked, pk__in=people)
            unasked.update(cns_question=PendingReason.ASK_FAILED)
        return freed

    @property
    def is_by_reported_cns(self) -> bool:
        """Asked by a number that the person gave, which is more than the portal asking by what it holds."""
        return self.key == SearchKey.CNS.value and bool(self.number)

    @property
    def is_by_registry(self) -> bool:
        """Asked by what the registry knows of the person, and by all of it that the key needs."""
        return not (self.number or self.facts or self.birth_city)

    @property
    def origin(self) -> str:
        return f"cadsus.lookup:{self.pk}"


class Candidate(OperatorOwned):
    """One person of the answer, as far as somebody needs it to decide: numbers and the comparison field by field."""

    lookup = models.ForeignKey(Lookup, on_delete=models.CASCADE, related_name="candidates")
    position = models.PositiveSmallIntegerField()
    numbers = models.JSONField()  # [{"number": "7...", "kind": "D"}]
    active = models.BooleanField("registro ativo")
    deceased = models.BooleanField("consta óbito")
    social_name = models.CharField("nome social", max_length=150, blank=True)
    confidentiality = models.CharField("sigilo", max_length=1, blank=True)  # N, R, V
    score = models.PositiveSmallIntegerField("semelhança informada", null=True)
    comparison = models.JSONField(default=list)

    class Meta:
        verbose_name = "candidato"
        constraints = [models.UniqueConstraint(fields=["lookup", "position"], name="candidate_position_once")]

    def __str__(self) -> str:
        return f"candidato {self.pk}"
