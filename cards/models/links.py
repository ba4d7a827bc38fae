"""Links with which a beneficiary opens the digital card on a phone."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cards.models.cards import Card
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User

MAX_WRONG_DATES = 5
"""Then the link is locked permanently: of some thirty thousand birth dates, five are tried at most."""


class Validity(models.IntegerChoices):
    """Days."""

    DAY = 1, "1 dia"
    WEEK = 7, "7 dias"
    MONTH = 30, "30 dias"
    QUARTER = 90, "90 dias"
    YEAR = 365, "1 ano"


class CardLinkQuerySet(OperatorQuerySet["CardLink"]):
    def standing(self) -> "CardLinkQuerySet":
        """Neither ended nor taken back; perhaps locked."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class CardLink(OperatorOwned):
    """The way to one card; its secret is in the address alone, and here only what verifies it."""

    record = models.UUIDField(default=uuid4, editable=False, unique=True)  # names the opened card, and opens nothing
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="links")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret
    made_at = models.DateTimeField("criado em", default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField("vale até")
    sent_at = models.DateTimeField("enviado em", null=True)
    revoked_at = models.DateTimeField("revogado em", null=True)
    used_at = models.DateTimeField("aberto em", null=True)
    wrong_dates = models.PositiveSmallIntegerField(default=0)  # since the last right one

    objects = OperatorManager.from_queryset(CardLinkQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "link do cartão"
        verbose_name_plural = "links do cartão"
        constraints = [
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="card_link_digest"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="card_link_ends"),
            models.CheckConstraint(condition=Q(wrong_dates__lte=MAX_WRONG_DATES), name="card_link_wrong_dates"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} do cartão {self.card_id}"

    @property
    def is_locked(self) -> bool:
        return self.wrong_dates >= MAX_WRONG_DATES

    @property
    def is_standing(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def state(self) -> tuple[str, str]:
        """In words, with its tone."""
        if self.revoked_at:
            return "revogado", "neutral"
        if not self.is_standing:
            return "vencido", "neutral"
        return ("travado", "bad") if self.is_locked else ("vale", "good")
