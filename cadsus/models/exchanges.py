"""Calls to DATASUS: request and result, masked; never the message itself."""

from django.db import models
from django.utils import timezone

from cadsus.client.pdq_query import SearchKey
from cadsus.models.credentials import Credential
from cadsus.models.environments import EnvironmentName
from cadsus.models.lookups import Lookup
from operators.models import OperatorOwned


class Exchange(OperatorOwned):
    """One call to DATASUS: saved before it leaves, completed when it is over. Who asked is in the lookup."""

    lookup = models.ForeignKey(
        Lookup, on_delete=models.CASCADE, related_name="exchanges", null=True
    )  # null: a live test
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="exchanges")
    environment = models.CharField("ambiente", max_length=12, choices=EnvironmentName.choices)
    key = models.CharField("chave", max_length=5, choices=[(key.value, key.name) for key in SearchKey])
    masked = models.CharField("chave mascarada", max_length=40, blank=True)
    at = models.DateTimeField("em", default=timezone.now)
    milliseconds = models.PositiveIntegerField("duração (ms)", null=True)
    http_status = models.PositiveSmallIntegerField("HTTP", null=True)
    response_code = models.CharField("código da resposta", max_length=10, blank=True)
    persons = models.PositiveSmallIntegerField("pessoas na resposta", null=True)
    trouble = models.CharField("problema", max_length=30, blank=True)  # name of cadsus.client.errors.ErrorKind

    class Meta:
        verbose_name = "chamada"
        indexes = [models.Index(fields=["operator", "environment", "-at"], name="exchange_recent")]

    def __str__(self) -> str:
        return f"chamada {self.pk}"
