"""The run of an import: the operator's file, what is wanted of it, and what came of it."""

from typing import ClassVar

from django.db import models

from cnsportal.jobs import Job, JobQuerySet
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class ImportRunQuerySet(OperatorQuerySet["ImportRun"], JobQuerySet["ImportRun"]):  # type: ignore[override]
    pass


class ImportRun(OperatorOwned, Job):
    task_name: ClassVar[str] = "beneficiaries.import_file"
    queue: ClassVar[str] = "bulk"

    name = models.CharField("nome do arquivo", max_length=200)
    path = models.CharField(max_length=500)  # our own copy of the file, deleted when the run ends
    receipt = models.CharField("recibo", max_length=500)
    is_rehearsal = models.BooleanField("só ensaia", default=False)
    is_everybody = models.BooleanField("o arquivo é de todos", default=False)
    cancelled_on = models.DateField("cancela quem saiu em", null=True)
    cancellation_reason = models.CharField("motivo do cancelamento", max_length=2, blank=True)
    figures = models.JSONField("contagens", default=dict)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OperatorManager.from_queryset(ImportRunQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "importação"

    def __str__(self) -> str:
        return f"importação {self.pk}"
