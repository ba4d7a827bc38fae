"""Cards that were issued, and the batches that issue and print them."""

from secrets import token_urlsafe
from typing import ClassVar

from django.db import models
from django.db.models import Q

from beneficiaries.models import Beneficiary
from cards.face import CardFace
from cnsportal.runs import Run, RunQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User

VERIFICATION_BYTES = 16
"""128 random bits: what a card's QR code says cannot be guessed (OWASP ASVS 5.0, 11.5.1)."""


def verification_code() -> str:
    return token_urlsafe(VERIFICATION_BYTES)


class CardStatus(models.TextChoices):
    ISSUED = "ISSUED", "emitido"
    SUPERSEDED = "SUPERSEDED", "substituído"
    VOID = "VOID", "anulado"


class CardQuerySet(OperatorQuerySet["Card"]):
    def current(self) -> "CardQuerySet":
        return self.filter(status=CardStatus.ISSUED)


class Card(OperatorOwned):
    """One via of the card of a link; what it shows is kept, so that a reprint is identical."""

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="cards")
    via = models.PositiveSmallIntegerField("via")
    status = models.CharField("situação", max_length=10, choices=CardStatus.choices, default=CardStatus.ISSUED)
    cns = models.CharField("CNS", max_length=15)
    layout = models.PositiveSmallIntegerField("versão do leiaute")
    face_data = models.JSONField()  # CardFace.as_json()
    source = models.JSONField()  # what the face was composed from: queries.with_card_source
    verification = models.CharField(max_length=22, unique=True, default=verification_code)
    issued_at = models.DateTimeField("emitido em")
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OperatorManager.from_queryset(CardQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "cartão"
        verbose_name_plural = "cartões"
        constraints = [
            models.UniqueConstraint(
                fields=["beneficiary"], condition=Q(status=CardStatus.ISSUED), name="card_issued_once"
            ),
            models.UniqueConstraint(fields=["beneficiary", "via"], name="card_via_once"),
            models.CheckConstraint(condition=Q(via__gte=1), name="card_via_from_one"),
            models.CheckConstraint(condition=Q(cns__regex=r"^\d{15}$"), name="card_cns_digits"),
            models.CheckConstraint(condition=Q(verification__regex=r"^[\w-]{22}$"), name="card_verification_opaque"),
        ]
        indexes = [models.Index(fields=["operator", "-id"], name="card_recent")]

    def __str__(self) -> str:
        return f"cartão {self.pk}"

    @property
    def face(self) -> CardFace:
        return CardFace.from_json(self.face_data)

    @property
    def is_current(self) -> bool:
        return self.status == CardStatus.ISSUED


class CardBatchQuerySet(OperatorQuerySet["CardBatch"], RunQuerySet["CardBatch"]):  # type: ignore[override]
    pass


def _file_name(batch: "CardBatch", _: str) -> str:
    return f"cards/{batch.operator_id}/lote-{batch.pk}.pdf"


class CardBatch(OperatorOwned, Run):
    """Cards asked for together, and the PDF that holds them."""

    task_name: ClassVar[str] = "cards.render_batch"
    queue: ClassVar[str] = "bulk"

    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    file = models.FileField("arquivo", upload_to=_file_name, max_length=200, blank=True)

    objects = OperatorManager.from_queryset(CardBatchQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "lote de cartões"
        verbose_name_plural = "lotes de cartões"
        indexes = [models.Index(fields=["operator", "-id"], name="card_batch_recent")]

    def __str__(self) -> str:
        return f"lote {self.pk}"


class BatchItem(OperatorOwned):
    """One link of a batch, and what came of it: a card, or a sentence that says why not."""

    batch = models.ForeignKey(CardBatch, on_delete=models.CASCADE, related_name="items")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+", null=True)
    refusal = models.CharField("motivo da recusa", max_length=1000, blank=True)

    class Meta:
        verbose_name = "item do lote"
        constraints = [
            models.UniqueConstraint(fields=["batch", "beneficiary"], name="batch_item_once"),
            models.CheckConstraint(condition=Q(card=None) | Q(refusal=""), name="batch_item_one_outcome"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk} do lote {self.batch_id}"
