"""Batches: cards requested together, and the result of each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.models.cards import Card
from cnsportal.jobs import Job, JobQuerySet
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet, User


class Product(models.TextChoices):
    """What a batch makes of its cards."""

    CARDS = "CARDS", "PDF para impressora de cartões (CR80)"
    SHEETS = "SHEETS", "PDF em folhas A4 para recortar"
    IMAGES = "IMAGES", "Imagens PNG com planilha, para gráfica"
    TEXT = "TEXT", "Texto de largura fixa, para gráfica"


class Kind(models.TextChoices):
    ISSUE = "ISSUE", "emissão"
    REHEARSAL = "REHEARSAL", "ensaio"
    REPRINT = "REPRINT", "reimpressão"


class CardBatchQuerySet(OperatorQuerySet["CardBatch"], JobQuerySet["CardBatch"]):  # type: ignore[override]
    def expired(self) -> "CardBatchQuerySet":
        """With a file that has been kept long enough."""
        return self.filter(file_until__lte=timezone.now()).exclude(file="")


def _file_name(batch: "CardBatch", name: str) -> str:
    return f"cards/{batch.operator_id}/{name}"


class CardBatch(OperatorOwned, Job):
    """Cards asked for together, and the file that holds them: personal data, kept until ``file_until``."""

    task_name: ClassVar[str] = "cards.render_batch"
    queue: ClassVar[str] = "bulk"

    kind = models.CharField("tipo", max_length=9, choices=Kind.choices, default=Kind.ISSUE)
    product = models.CharField("saída", max_length=6, choices=Product.choices, default=Product.CARDS)
    options = models.JSONField(default=dict)  # cards.render.batch_outputs.Options
    scope = models.CharField("o que foi pedido", max_length=300, blank=True)  # in words, without a person in them
    former = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="later")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    file = models.FileField("arquivo", upload_to=_file_name, max_length=200, blank=True)
    file_until = models.DateTimeField("arquivo guardado até", null=True)

    objects = OperatorManager.from_queryset(CardBatchQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "lote de cartões"
        verbose_name_plural = "lotes de cartões"
        indexes = [
            models.Index(fields=["operator", "-id"], name="card_batch_recent"),
            models.Index(fields=["file_until"], name="card_batch_expiry", condition=~Q(file="")),
        ]

    def __str__(self) -> str:
        return f"lote {self.pk}"

    @property
    def is_rehearsal(self) -> bool:
        return self.kind == Kind.REHEARSAL


class BatchItem(OperatorOwned):
    """One link of a batch, or a code that no link has; and what came of it: a card, or a sentence that says why not.

    Of a rehearsal, neither means that a card would be issued.
    """

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    batch = models.ForeignKey(CardBatch, on_delete=models.CASCADE, db_index=False, related_name="items")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, null=True, related_name="+")
    asked = models.CharField("código pedido", max_length=30, blank=True)  # of a list, where no link has it
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="batch_items", null=True)
    refusal = models.CharField("motivo da recusa", max_length=1000, blank=True)

    class Meta:
        verbose_name = "item do lote"
        constraints = [
            models.UniqueConstraint(fields=["batch", "beneficiary"], name="batch_item_once"),
            models.CheckConstraint(condition=Q(card=None) | Q(refusal=""), name="batch_item_one_outcome"),
            models.CheckConstraint(
                condition=Q(beneficiary__isnull=False) | ~Q(refusal=""), name="batch_item_of_a_link_or_refused"
            ),
        ]
        indexes = [models.Index(fields=["batch", "id"], name="batch_item_order")]

    def __str__(self) -> str:
        return f"item {self.pk} do lote {self.batch_id}"
