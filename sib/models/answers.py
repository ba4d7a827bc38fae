"""Results of ANS for update files (RPX), and the meaning of its rejection reasons."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import Beneficiary, Person
from cnsportal.db.status_choices import StatusChoices
from cnsportal.jobs import Job, JobQuerySet
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet, User
from sib.formats.cnx.conference import HashState
from sib.models.movements import Movement, MovementType, SbxFile

RECORD_TYPES = {**{code: str(label) for code, label in MovementType.choices}, "6": "sem movimento"}
"""codigoTipoMovimento, of the records of an answer."""


class Result(StatusChoices):
    """What came of an answer."""

    UNREAD = "", "info", "ainda não lido"
    PROCESSED = "PROCESSED", "good", "processado pela ANS"
    REFUSED = "REFUSED", "bad", "arquivo recusado pela ANS"
    UNKNOWN = "UNKNOWN", "warn", "de um SBX que não é daqui"
    SUPERFLUOUS = "SUPERFLUOUS", "neutral", "de um SBX que não esperava resposta"


class RpxFileQuerySet(OperatorQuerySet["RpxFile"], JobQuerySet["RpxFile"]):  # type: ignore[override]
    pass


class RpxFile(OperatorOwned, Job):
    """One answer of ANS, read and settled in one transaction."""

    task_name: ClassVar[str] = "sib.settle_rpx"
    queue: ClassVar[str] = "bulk"

    name = models.CharField("arquivo", max_length=200)
    path = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField("tamanho (bytes)")
    received_at = models.DateTimeField("recebido em", default=timezone.now)  # queued_at moves when a worker dies
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sbx = models.ForeignKey(SbxFile, on_delete=models.PROTECT, null=True, related_name="answers")
    sbx_name = models.CharField("SBX respondido", max_length=100, blank=True)
    protocol = models.CharField("protocolo", max_length=40, blank=True)
    generated_at = models.CharField("gerado em", max_length=40, blank=True)  # as the file says it
    hash_state = models.CharField(
        "hash", max_length=7, blank=True, choices=[(state.value, state.label) for state in HashState]
    )
    result = models.CharField("resultado", max_length=11, choices=Result.choices, blank=True, default=Result.UNREAD)
    refusal_code = models.CharField("motivo da recusa", max_length=2, blank=True)
    refusal_reason = models.CharField("mensagem da ANS", max_length=200, blank=True)
    counts = models.JSONField("contagens", default=dict)  # type → {"sent", "rejected", "stated": [3] or absent}
    accepted = models.PositiveIntegerField("movimentações aceitas", default=0)
    rejected = models.PositiveIntegerField("registros recusados", default=0)
    included = models.PositiveIntegerField("inclusões com CCO", default=0)
    warnings = models.JSONField("avisos", default=list)  # sentences
    findings = models.JSONField("achados", default=list)  # [{"kind": ..., "person": pk or null, "cco": ...}]

    objects = OperatorManager.from_queryset(RpxFileQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "resultado"
        constraints = [models.UniqueConstraint(fields=["operator", "digest"], name="rpx_content_once")]
        indexes = [models.Index(fields=["operator", "-id"], name="rpx_recent")]

    def __str__(self) -> str:
        return f"resultado {self.pk}"

    @property
    def origin(self) -> str:
        return f"sib.rpxfile:{self.pk}"


class RejectionQuerySet(OperatorQuerySet["Rejection"]):
    def pending(self) -> "RejectionQuerySet":
        """Not resolved yet: no later movement of the same kind was accepted, nor was it set aside."""
        return self.filter(resolved_at__isnull=True)


class Rejection(OperatorOwned):
    """One error that ANS found in one record; ``record`` counts the rejected records of the file."""

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    rpx = models.ForeignKey(RpxFile, on_delete=models.CASCADE, db_index=False, related_name="rejections")
    movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, null=True, db_index=False, related_name="rejections"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    record = models.PositiveIntegerField()
    line = models.PositiveIntegerField("linha")
    type = models.CharField("movimentação", max_length=1, blank=True)  # codigoTipoMovimento
    cco = models.CharField("CCO", max_length=12, blank=True)
    code = models.CharField("código do beneficiário", max_length=30, blank=True)
    field_code = models.CharField("campo", max_length=2, blank=True)
    field_name = models.CharField("nome do campo", max_length=70, blank=True)
    value = models.CharField("valor", max_length=200, blank=True)
    error_code = models.CharField("código do erro", max_length=4, blank=True)
    message = models.CharField("mensagem da ANS", max_length=200, blank=True)
    resolved_at = models.DateTimeField("resolvida em", null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")

    objects = OperatorManager.from_queryset(RejectionQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "recusa"
        indexes = [
            models.Index(fields=["rpx", "id"], name="rejection_of_file"),
            models.Index(fields=["movement"], condition=Q(movement__isnull=False), name="rejection_of_movement"),
            models.Index(fields=["person", "-id"], condition=Q(person__isnull=False), name="rejection_of_person"),
            models.Index(
                fields=["operator", "field_code", "error_code", "-id"],
                condition=Q(resolved_at__isnull=True),
                name="rejection_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"recusa {self.pk}"


class Critica(OperatorOwned):
    """A reason of ANS as an operator met it, and what its administrator says of it; blank where the data of all apply.

    Without an error code it is about all errors of the field.
    """

    field_code = models.CharField("código do campo", max_length=2, blank=True)
    error_code = models.CharField("código do erro", max_length=4, blank=True)
    message = models.CharField("mensagem da ANS", max_length=200, blank=True)
    title = models.CharField("título", max_length=100, blank=True)
    explanation = models.CharField("o que quer dizer", max_length=500, blank=True)
    next_step = models.CharField("o que fazer", max_length=500, blank=True)
    learned_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "crítica"
        constraints = [
            models.UniqueConstraint(fields=["operator", "field_code", "error_code"], name="critica_once"),
            models.CheckConstraint(condition=~Q(field_code="", error_code=""), name="critica_of_something"),
        ]

    def __str__(self) -> str:
        return f"crítica {self.error_code or self.field_code}"

    @property
    def is_explained(self) -> bool:
        return bool(self.explanation)
