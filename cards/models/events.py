"""The events of cards for the operator's own systems: an outbox, written in the transaction of the change."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.models.cards import Card
from operators.models import Operator, OperatorOwned


class CardEventKind(models.TextChoices):
    READY = "card.ready", "cartão emitido, pronto para baixar e imprimir"
    SUPERSEDED = "card.superseded", "cartão substituído por outra via"
    VOIDED = "card.voided", "cartão anulado"


class CardEvent(OperatorOwned):
    """Rows are only added (a trigger says so). ``position`` is given once, when the row is first read.

    An id is drawn before its transaction ends, so a reader that remembered ids would pass over those that commit late.
    Positions are given to committed rows alone, one reader at a time: whoever has read up to one has missed none.
    """

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    position = models.PositiveBigIntegerField(null=True)
    kind = models.CharField(max_length=20, choices=CardEventKind.choices)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "evento de cartão"
        verbose_name_plural = "eventos de cartão"
        constraints = [models.UniqueConstraint(fields=["operator", "position"], name="card_event_position_once")]
        indexes = [
            models.Index(fields=["operator", "id"], condition=Q(position=None), name="card_event_without_position")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.card_id}"


class IssueKey(OperatorOwned):
    """The key under which a system asked for a card, so that asking again gives that card and no other."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    key = models.CharField(max_length=64)
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+", null=True)  # null: being issued
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "chave de emissão"
        verbose_name_plural = "chaves de emissão"
        constraints = [models.UniqueConstraint(fields=["operator", "key"], name="card_issue_key_once")]

    def __str__(self) -> str:
        return f"chave {self.pk}"
