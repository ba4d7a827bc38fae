"""Issued cards: numbered copies (vias) of a link, each with its face."""

from secrets import token_urlsafe

from django.db import models
from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.domain.check_code import ALPHABET, CODE_CHARACTERS
from cards.domain.face import CardFace
from cards.domain.lifecycle import CURRENT, CardState, Reason
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet, User

VERIFICATION_BYTES = 16
"""128 random bits: what a card's QR code says cannot be guessed (OWASP ASVS 5.0, 11.5.1)."""


def verification_code() -> str:
    return token_urlsafe(VERIFICATION_BYTES)


class CardStatus(models.TextChoices):
    ISSUED = CardState.ISSUED, "emitido"
    PRINTED = CardState.PRINTED, "impresso"
    DELIVERED = CardState.DELIVERED, "entregue"
    LOST = CardState.LOST, "perdido"
    VOID = CardState.VOID, "anulado"
    SUPERSEDED = CardState.SUPERSEDED, "substituído"


class IssueReason(models.TextChoices):
    """Why a via was made."""

    FIRST = Reason.FIRST, "primeira via"
    CHANGED = Reason.CHANGED, "os dados mudaram"
    CORRECTION = Reason.CORRECTION, "a via anterior foi anulada"
    LOST = Reason.LOST, "perda ou roubo"
    DAMAGED = Reason.DAMAGED, "cartão danificado"
    NOT_RECEIVED = Reason.NOT_RECEIVED, "não chegou ao beneficiário"
    REQUESTED = Reason.REQUESTED, "pedido do beneficiário"


class CardQuerySet(OperatorQuerySet["Card"]):
    def current(self) -> "CardQuerySet":
        return self.filter(status__in=CURRENT)


class Card(OperatorOwned):
    """One via of the card of a link; what it shows is kept, so that a reprint is identical.

    A trigger lets nothing but the state change afterwards, and that only along cards.domain.lifecycle.
    """

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, db_index=False, related_name="cards")
    via = models.PositiveSmallIntegerField("via")
    reason = models.CharField("motivo", max_length=12, choices=IssueReason.choices, default=IssueReason.FIRST)
    status = models.CharField("situação", max_length=10, choices=CardStatus.choices, default=CardStatus.ISSUED)
    status_at = models.DateTimeField("nesta situação desde", default=timezone.now)
    cns = models.CharField("CNS", max_length=15, blank=True)  # blank: issued by the policy without one
    confirmed_on = models.DateField("CNS conferido em", null=True)
    layout = models.PositiveSmallIntegerField("versão do leiaute")
    face_data = models.JSONField()  # CardFace.as_json()
    source = models.JSONField()  # what the face was composed from: queries.with_card_source
    verification = models.CharField(max_length=22, default=verification_code)
    check_code = models.CharField("código de conferência", max_length=10, null=True)  # null: older than it
    issued_at = models.DateTimeField("emitido em")
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")

    objects = OperatorManager.from_queryset(CardQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "cartão"
        verbose_name_plural = "cartões"
        constraints = [
            models.UniqueConstraint(
                fields=["beneficiary"],
                condition=Q(status__in=["ISSUED", "PRINTED", "DELIVERED"]),
                name="card_current_once",
            ),
            models.UniqueConstraint(fields=["beneficiary", "via"], name="card_via_once"),
            models.UniqueConstraint(fields=["verification"], name="card_verification_once"),
            models.UniqueConstraint(fields=["check_code"], name="card_check_code_once"),
            models.CheckConstraint(condition=Q(via__gte=1), name="card_via_from_one"),
            models.CheckConstraint(condition=Q(cns__regex=r"^(\d{15})?$"), name="card_cns_digits"),
            models.CheckConstraint(condition=Q(verification__regex=r"^[\w-]{22}$"), name="card_verification_opaque"),
            models.CheckConstraint(
                condition=Q(check_code=None) | Q(check_code__regex=rf"^[{ALPHABET}]{{{CODE_CHARACTERS}}}$"),
                name="card_check_code_shape",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-id"], name="card_recent"),
            models.Index(fields=["operator", "status", "-beneficiary"], name="card_by_status"),
        ]

    def __str__(self) -> str:
        return f"cartão {self.pk}"

    @property
    def face(self) -> CardFace:
        return CardFace.from_json(self.face_data)

    @property
    def is_current(self) -> bool:
        return self.status in CURRENT
