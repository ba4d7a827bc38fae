"""Cards that were issued: vias of links, each with what it shows."""

from secrets import token_urlsafe

from django.db import models
from django.db.models import Q

from beneficiaries.models import Beneficiary
from cards.checkcode import ALPHABET, LENGTH
from cards.face import CardFace
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
    check_code = models.CharField("código de conferência", max_length=10, unique=True, null=True)  # null: older than it
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
            models.CheckConstraint(
                condition=Q(check_code=None) | Q(check_code__regex=rf"^[{ALPHABET}]{{{LENGTH}}}$"),
                name="card_check_code_shape",
            ),
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
