"""An import: the operator's file, what its headings mean, what is wanted of it, and what came of it row by row."""

from pathlib import Path
from typing import ClassVar

from django.db import models

from cnsportal.db.status_choices import StatusChoices
from cnsportal.jobs import Job, JobQuerySet, Status
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
    waits_for_decision = models.BooleanField(default=False)  # rehearsed, then somebody confirms or cancels it
    confirmed_at = models.DateTimeField(null=True)  # by somebody who had seen the rehearsal
    headings = models.JSONField(default=list)  # [heading, example, guessed column], while nobody has confirmed them
    columns = models.JSONField(default=dict)  # heading of the file → column of the registry, "" for none
    figures = models.JSONField("contagens", default=dict)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OperatorManager.from_queryset(ImportRunQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "importação"

    def __str__(self) -> str:
        return f"importação {self.pk}"

    @property
    def needs_columns(self) -> bool:
        return self.status == Status.WAITING and bool(self.headings)

    @property
    def is_rehearsed(self) -> bool:
        """Shown to somebody who decides."""
        return self.status == Status.WAITING and not self.headings

    @property
    def is_imported(self) -> bool:
        return self.status == Status.DONE and not self.is_rehearsal

    @property
    def has_receipt(self) -> bool:
        return bool(self.figures) and not self.is_active and Path(self.receipt).exists()

    @property
    def stage(self) -> str:
        """In words, what is being done or was done last."""
        if self.needs_columns:
            return "à espera das colunas"
        if self.is_rehearsed:
            return "ensaiada, à espera de decisão"
        if self.is_imported:
            return "importada"
        work = "ensaio" if self.is_rehearsal else "importação"
        return f"{work}: {self.get_status_display()}"


class LineResult(StatusChoices):
    """What became of a row of the file; the values are those of the receipt."""

    CREATED = "created", "good", "novo"
    UPDATED = "updated", "info", "alterado"
    REJECTED = "rejected", "bad", "com erro"
    LEAVING = "leaving", "warn", "fora da planilha"
    UNCHANGED = "unchanged", "neutral", "sem mudança"

    @property
    def heading(self) -> str:
        """Above a count."""
        return {self.CREATED: "Novos", self.UPDATED: "Alterados"}.get(self, str(self.label).capitalize())


class ImportLine(OperatorOwned):
    """A row of the file that is not simply equal to the registry, for the page; the receipt has them all."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField("linha")  # of the file; 0 for a link that it lacks
    code = models.CharField("código", max_length=100)
    result = models.CharField("resultado", max_length=9, choices=LineResult.choices)
    note = models.TextField("mensagem")
    changes = models.JSONField("mudanças", default=dict)  # column → [before, after]

    class Meta:
        verbose_name = "linha de importação"
        indexes = [models.Index(fields=["run", "result", "id"], name="importline_of_run")]

    def __str__(self) -> str:
        return f"linha {self.line} da importação {self.run_id}"


class ImportColumn(OperatorOwned):
    """What a heading of the operator's files means: confirmed once, taken for granted afterwards."""

    heading = models.CharField("título da coluna", max_length=150)
    column = models.CharField("coluna do cadastro", max_length=40, blank=True)  # blank: not read

    class Meta:
        verbose_name = "coluna de importação"
        constraints = [models.UniqueConstraint(fields=["operator", "heading"], name="importcolumn_once")]

    def __str__(self) -> str:
        return f"{self.heading}: {self.column or 'não é lida'}"
