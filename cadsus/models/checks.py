"""Connection tests of one certificate, with their progress."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cadsus.models.credentials import Credential
from cnsportal.jobs import OPEN, Job, JobQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class CheckQuerySet(OperatorQuerySet["Check"], JobQuerySet["Check"]):  # type: ignore[override]
    def open(self) -> "CheckQuerySet":
        return self.filter(status__in=OPEN)


class Check(OperatorOwned, Job):
    """One live test, from the click to its last step."""

    task_name: ClassVar[str] = "cadsus.run_check"
    queue: ClassVar[str] = "interactive"

    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="checks")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    steps = models.JSONField(default=list)  # [{"name": "NETWORK", "passed": true, "sentence": "..."}]

    objects = OperatorManager.from_queryset(CheckQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "teste de ligação"
        constraints = [
            models.UniqueConstraint(fields=["credential"], condition=Q(status__in=OPEN), name="check_open_once")
        ]

    def __str__(self) -> str:
        return f"teste {self.pk}"
