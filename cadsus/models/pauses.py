"""Pauses: periods in which an operator asks DATASUS nothing, set by an administrator."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cadsus.models.environments import EnvironmentName
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class PauseQuerySet(OperatorQuerySet["Pause"]):
    def in_force(self) -> "PauseQuerySet":
        return self.filter(ended_at__isnull=True, until__gt=timezone.now())


class Pause(OperatorOwned):
    """Ends by itself at ``until``, or sooner when somebody ends it."""

    environment = models.CharField("ambiente", max_length=12, choices=EnvironmentName.choices)
    until = models.DateTimeField("até")
    reason = models.CharField("motivo", max_length=200, blank=True)
    paused_at = models.DateTimeField("pausada em", default=timezone.now)
    paused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("encerrada em", null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OperatorManager.from_queryset(PauseQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "pausa"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "environment"], condition=Q(ended_at__isnull=True), name="pause_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"pausa {self.pk}"
