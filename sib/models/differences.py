"""Differences between a conference and the registry, record by record, and values that cannot be read."""

from typing import Any

from django.db import models

from beneficiaries.models import Beneficiary, Person
from operators.models import Operator, OperatorManager, OperatorOwned, OperatorQuerySet
from sib.domain.reconcile import DifferenceAction, Outcome
from sib.models.conferences import ConferenceFile


class DifferenceQuerySet(OperatorQuerySet["Difference"]):
    def to_apply(self) -> "DifferenceQuerySet":
        return self.filter(applied_at__isnull=True).exclude(deed="")


class Difference(OperatorOwned):
    """A record of the file that is not simply equal, and what is to be done about it."""

    # Written by the million, by SQL, from the very rows that the keys point to: nothing is checked once more.
    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    file = models.ForeignKey(
        ConferenceFile, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="differences"
    )
    position = models.PositiveIntegerField("posição")  # 0 for a link that only the registry has
    part = models.PositiveSmallIntegerField("arquivo", default=1)
    line = models.PositiveIntegerField("linha", default=0)
    cco = models.CharField("CCO", max_length=12, blank=True)
    outcome = models.CharField(
        "resultado", max_length=20, choices=[(outcome.name, outcome.value) for outcome in Outcome]
    )
    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    number = models.CharField("CNS no arquivo", max_length=15, blank=True)
    tier = models.CharField("nível", max_length=1, blank=True)
    reason = models.CharField("motivo", max_length=200, blank=True)
    comparison = models.JSONField(default=list)  # of the identity; [] where all of it is equal letter for letter
    divergences = models.JSONField(
        default=list
    )  # [{"field", "ours", "theirs", "kind"}], field as in sib.formats.cnx.record
    deed = models.CharField(max_length=10, blank=True, choices=[(deed.value, deed.name) for deed in DifferenceAction])
    gives_cco = models.BooleanField(default=False)  # the link had no CCO and is known by its code
    answer = models.CharField("resposta", max_length=14, blank=True)  # name of attach_cns's answer
    applied_at = models.DateTimeField("aplicada em", null=True)
    undo = models.JSONField(null=True)  # what was there before: sib.services.conferences.revert

    objects = OperatorManager.from_queryset(DifferenceQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "diferença"
        indexes = [
            models.Index(fields=["file", "outcome", "id"], name="difference_of_file"),
            models.Index(fields=["person", "-id"], name="difference_person"),
        ]

    def __str__(self) -> str:
        return f"diferença {self.pk}"

    @property
    def origin(self) -> str:
        return f"sib.difference:{self.pk}"

    def as_evidence(self) -> dict[str, Any]:
        return {"tier": self.tier, "reason": self.reason, "comparison": self.comparison, "cco": self.cco}


class RowIssue(OperatorOwned):
    """A value of a record that could not be read; the record itself was taken, without it."""

    file = models.ForeignKey(ConferenceFile, on_delete=models.CASCADE, db_index=False, related_name="issues")
    position = models.PositiveIntegerField("posição")
    part = models.PositiveSmallIntegerField("arquivo")
    line = models.PositiveIntegerField("linha")
    cco = models.CharField("CCO", max_length=12, blank=True)
    field = models.CharField("campo", max_length=60)
    text = models.CharField("texto", max_length=200, blank=True)
    reason = models.CharField("motivo", max_length=200)

    class Meta:
        verbose_name = "valor ilegível"
        indexes = [models.Index(fields=["file", "id"], name="row_issue_of_file")]

    def __str__(self) -> str:
        return f"valor ilegível {self.pk}"
