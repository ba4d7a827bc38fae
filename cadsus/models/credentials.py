"""Certificates of an operator: the active one, the one prepared for activation, the former ones."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cadsus.models.environments import EnvironmentName
from cnsportal.db.status_choices import StatusChoices
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class CredentialState(StatusChoices):
    STAGED = "STAGED", "info", "guardado para depois"
    ACTIVE = "ACTIVE", "good", "em uso"
    RETIRED = "RETIRED", "neutral", "substituído"


class Revocation(StatusChoices):
    """What the issuer says of a certificate; advice, since its servers may be out of reach."""

    UNCHECKED = "UNCHECKED", "neutral", "não verificada"
    GOOD = "GOOD", "good", "não revogado"
    REVOKED = "REVOKED", "bad", "revogado"


class CredentialQuerySet(OperatorQuerySet["Credential"]):
    def active(self) -> "CredentialQuerySet":
        return self.filter(state=CredentialState.ACTIVE)

    def with_key(self) -> "CredentialQuerySet":
        """Those whose key was not destroyed."""
        return self.exclude(key_id="")

    def usable(self) -> "CredentialQuerySet":
        return self.with_key().filter(not_after__gt=timezone.now())

    def before(self, credential: "Credential") -> "Credential | None":
        """The one that was in use before it, while that one may still be used."""
        retired = self.usable().filter(state=CredentialState.RETIRED, environment=credential.environment)
        return retired.filter(activated_at__isnull=False).order_by("-activated_at", "-pk").first()


class Credential(OperatorOwned):
    """A certificate of the operator for one environment; its private key sealed to this very row.

    Associated data of the seal: operator, environment and ``record``. The key-encryption key is not in the database.
    """

    environment = models.CharField("ambiente", max_length=12, choices=EnvironmentName.choices)
    record = models.UUIDField(default=uuid4, editable=False, unique=True)
    state = models.CharField("situação", max_length=7, choices=CredentialState.choices)
    holder = models.CharField("titular", max_length=150)
    cnpj = models.CharField("CNPJ", max_length=14)
    kind = models.CharField("tipo", max_length=4, blank=True)
    policy = models.CharField("política", max_length=100, blank=True)
    issuer = models.CharField("emissor", max_length=150)
    serial = models.CharField("número de série", max_length=40)
    not_before = models.DateTimeField("válido desde")
    not_after = models.DateTimeField("válido até")
    fingerprint = models.CharField("SHA-256", max_length=64)
    chain = models.BinaryField()  # PEM: the certificate, then its issuers; all public
    key_id = models.CharField(max_length=40)  # which key-encryption key wraps the record's own; empty: destroyed
    wrapped_key = models.BinaryField()
    sealed_key = models.BinaryField()
    sealed_at = models.DateTimeField("guardado em", auto_now_add=True)
    sealed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField("em uso desde", null=True)
    tested_at = models.DateTimeField("testado em", null=True)
    failed_step = models.CharField("passo que falhou", max_length=12, blank=True)  # of the last live test; empty: none
    revocation = models.CharField("revogação", max_length=9, choices=Revocation.choices, default=Revocation.UNCHECKED)
    revocation_checked_at = models.DateTimeField("revogação consultada em", null=True)
    warned_days = models.PositiveSmallIntegerField(null=True)  # the nearest end that was warned of

    objects = OperatorManager.from_queryset(CredentialQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "certificado"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "environment"], condition=Q(state="ACTIVE"), name="credential_active_once"
            ),
            models.UniqueConstraint(
                fields=["operator", "environment", "fingerprint"], name="credential_certificate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"certificado {self.pk}"

    @property
    def has_key(self) -> bool:
        return bool(self.key_id)

    @property
    def days_left(self) -> int:
        """By the calendar, as warnings count them; below zero once it has ended."""
        now = timezone.now()
        left = (timezone.localdate(self.not_after) - timezone.localdate(now)).days
        return left if self.not_after > now else -1
