"""Movements for ANS, and the update files (SBX) that carry them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from beneficiaries.models import Beneficiary, Person
from cnsportal.db.status_choices import StatusChoices
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class SbxState(StatusChoices):
    DRAFT = "DRAFT", "review", "rascunho"
    APPROVED = "APPROVED", "accent", "aprovado"
    SENT = "SENT", "info", "enviado"
    ANSWERED = "ANSWERED", "good", "respondido"
    REJECTED = "REJECTED", "bad", "recusado pela ANS"
    DISCARDED = "DISCARDED", "neutral", "descartado"


class SbxKind(models.TextChoices):
    MOVEMENTS = "MOVEMENTS", "com movimentações"
    NO_MOVEMENT = "NO_MOVEMENT", "sem movimento"


class SbxFile(OperatorOwned):
    """One update file of one month; its content is kept as it was written."""

    competence = models.DateField("competência")  # first day of the month
    sequence = models.PositiveIntegerField("sequencial")
    name = models.CharField("arquivo", max_length=24)  # 99999920261123101530.SBX
    kind = models.CharField("conteúdo", max_length=11, choices=SbxKind.choices, default=SbxKind.MOVEMENTS)
    reason = models.CharField("motivo de não haver movimento", max_length=2, blank=True)  # 61 or 62
    state = models.CharField("situação", max_length=9, choices=SbxState.choices, default=SbxState.DRAFT)
    path = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField("tamanho (bytes)", default=0)
    sib_hash = models.CharField("hash do SIB", max_length=32, blank=True)
    count = models.PositiveIntegerField("movimentações", default=0)
    protocol = models.CharField("protocolo", max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("aprovado em", null=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField("enviado em", null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("respondido em", null=True)
    discarded_at = models.DateTimeField("descartado em", null=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "arquivo SBX"
        constraints = [
            models.UniqueConstraint(fields=["operator", "name"], name="sbx_name_once"),
            models.UniqueConstraint(fields=["operator", "sequence"], name="sbx_sequence_once"),
            models.CheckConstraint(condition=Q(competence__day=1), name="sbx_competence_is_a_month"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["operator", "-id"], name="sbx_recent")]

    def __str__(self) -> str:
        return f"arquivo SBX {self.pk}"

    @property
    def origin(self) -> str:
        return f"sib.sbxfile:{self.pk}"


class MovementType(models.TextChoices):
    """codigoTipoMovimento of the SIB."""

    INCLUSION = "1", "inclusão"
    RECTIFICATION = "2", "retificação"
    CONTRACT_CHANGE = "3", "mudança contratual"
    CANCELLATION = "4", "cancelamento"
    REACTIVATION = "5", "reativação"


class MovementState(StatusChoices):
    DRAFT = "DRAFT", "review", "rascunho"
    HELD = "HELD", "warn", "retida"
    READY = "READY", "accent", "pronta"
    SENT = "SENT", "info", "enviada"
    ACCEPTED = "ACCEPTED", "good", "aceita"
    REJECTED = "REJECTED", "bad", "recusada"
    DISCARDED = "DISCARDED", "neutral", "descartada"


class MovementQuerySet(OperatorQuerySet["Movement"]):
    def free(self) -> "MovementQuerySet":
        """Ready, and in no file."""
        return self.filter(state=MovementState.READY, file__isnull=True)


class Movement(OperatorOwned):
    """One thing to tell ANS about one link."""

    file = models.ForeignKey(SbxFile, on_delete=models.PROTECT, null=True, db_index=False, related_name="movements")
    type = models.CharField("movimentação", max_length=1, choices=MovementType.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    cco = models.CharField("CCO", max_length=12, blank=True)
    code = models.CharField("código do beneficiário", max_length=30, blank=True)
    fields = models.JSONField("campos", default=dict)  # name of the SIB → text as sent
    origin = models.CharField("origem", max_length=60, blank=True)  # "sib.difference:7", "registry"
    state = models.CharField("situação", max_length=9, choices=MovementState.choices, default=MovementState.DRAFT)
    problems = models.JSONField("problemas", default=list)  # [{"field": ..., "sentence": ..., "mend": ...}]
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    settled_at = models.DateTimeField("respondida em", null=True)

    objects = OperatorManager.from_queryset(MovementQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "movimentação"
        constraints = [
            models.UniqueConstraint(
                fields=["beneficiary", "type"],
                condition=Q(beneficiary__isnull=False, state__in=["DRAFT", "HELD", "READY", "SENT"]),
                name="movement_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "id"], condition=Q(file__isnull=False), name="movement_of_file"),
            models.Index(fields=["operator", "state", "id"], name="movement_by_state"),
            models.Index(fields=["person", "-id"], condition=Q(person__isnull=False), name="movement_of_person"),
            models.Index(fields=["beneficiary"], condition=Q(beneficiary__isnull=False), name="movement_of_link"),
        ]

    def __str__(self) -> str:
        return f"movimentação {self.pk}"
