"""Batches: cards asked for together, and what came of each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from beneficiaries.models import Beneficiary
from cards.models.cards import Card
from cnsportal.runs import Run, RunQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


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
