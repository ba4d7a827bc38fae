"""The report of one night at one operator."""

from django.db import models

from cnsportal.formats.br import format_date
from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet


class NightReportQuerySet(OperatorQuerySet["NightReport"]):
    pass


class NightReport(OperatorOwned):
    """One for each operator and day; what is reported stays as it was."""

    day = models.DateField("dia")
    since = models.DateTimeField("desde")
    until = models.DateTimeField("até")
    facts = models.JSONField(default=dict)  # as sib.services.night_report.facts_of gives them
    mailed_at = models.DateTimeField("enviado por e-mail", null=True)

    objects = OperatorManager.from_queryset(NightReportQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "relatório da noite"
        constraints = [models.UniqueConstraint(fields=["operator", "day"], name="night_report_once_a_day")]

    def __str__(self) -> str:
        return f"relatório de {format_date(self.day)}"
