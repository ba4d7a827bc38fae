"""The webhook of an operator, and its deliveries."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from operators.models import Operator, OperatorOwned, User

NOBODY = {
    "ConnectionRefusedError": "não há nada nesta porta",
    "TimeoutError": "não respondeu a tempo",
    "gaierror": "o nome não existe",
    "SSLCertVerificationError": "o certificado dele não é confiável",
    "not https": "o endereço não é https",
    "not a public host": "o endereço não é público",
    "not the usual port": "a porta não é a 443",
}
"""Why nobody answered, in words (cnsportal.security.safe_http.FetchError)."""


class Webhook(OperatorOwned):
    """The operator's own address for events; its secret sealed to this very row (operator and ``record``)."""

    operator = models.OneToOneField(Operator, on_delete=models.PROTECT, related_name="+")
    record = models.UUIDField(default=uuid4, editable=False, unique=True)
    url = models.URLField("endereço", max_length=300)
    key_id = models.CharField(max_length=40)
    wrapped_key = models.BinaryField()
    sealed_secret = models.BinaryField()
    paused = models.BooleanField("pausado", default=False)
    position = models.PositiveBigIntegerField(default=0)  # of the last event that was taken
    failures = models.PositiveIntegerField(default=0)  # in a row
    next_attempt_at = models.DateTimeField(default=timezone.now)
    busy_until = models.DateTimeField(null=True)  # a worker delivers, and if it is killed, is given up for then
    changed_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "webhook"

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class Delivery(OperatorOwned):
    """One attempt: which events, and what the other side said. A test has none."""

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    first = models.PositiveBigIntegerField(null=True)
    last = models.PositiveBigIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP; null: nobody answered
    reason = models.CharField(max_length=100, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        verbose_name = "entrega"
        indexes = [models.Index(fields=["operator", "-id"], name="card_delivery_recent")]

    def __str__(self) -> str:
        return f"entrega {self.pk}"

    @property
    def explained(self) -> str:
        return NOBODY.get(self.reason, self.reason or "a conexão caiu")

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300
