"""The onboarding job: what only ANS has is rehearsed, then imported in one go."""

from typing import ClassVar

from django.db import models

from beneficiaries.sql.onboarding import HoldReason
from cnsportal.jobs import Job, JobQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User
from sib.models.conferences import ConferenceFile


class FoundingQuerySet(OperatorQuerySet["Founding"], JobQuerySet["Founding"]):  # type: ignore[override]
    pass


class Founding(OperatorOwned, Job):
    """One taking of the records of a conference that the registry does not know."""

    task_name: ClassVar[str] = "sib.found"
    queue: ClassVar[str] = "bulk"

    file = models.ForeignKey(ConferenceFile, on_delete=models.PROTECT, related_name="foundings")
    with_inactive = models.BooleanField("também os inativos", default=False)
    wants_apply = models.BooleanField(default=False)
    counts = models.JSONField("contagens", default=dict)  # fields of beneficiaries.services.onboarding.Counts
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    founded_at = models.DateTimeField("trazido em", null=True)
    numbers = models.PositiveIntegerField("CNS gravados", default=0)

    objects = OperatorManager.from_queryset(FoundingQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "primeira carga"

    def __str__(self) -> str:
        return f"primeira carga {self.pk}"

    @property
    def origin(self) -> str:
        return f"sib.founding:{self.pk}"


class HeldNewcomer(OperatorOwned):
    """A record that could not come in, and why."""

    founding = models.ForeignKey(Founding, on_delete=models.CASCADE, db_index=False, related_name="held")
    cco = models.CharField("CCO", max_length=12)
    code = models.CharField("código do beneficiário", max_length=30, blank=True)
    reason = models.CharField("motivo", max_length=30, choices=[(hold.name, hold.sentence) for hold in HoldReason])

    class Meta:
        verbose_name = "registro retido"
        indexes = [models.Index(fields=["founding", "reason", "id"], name="held_of_founding")]

    def __str__(self) -> str:
        return f"registro retido {self.pk}"
