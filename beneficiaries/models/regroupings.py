"""Merges and splits of people, and pairs about which somebody decided that they are two people.

People are named by their keys alone: a record that was merged into another one is gone, and comes back with its key
when that is undone.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from operators.models import OperatorManager, OperatorOwned, OperatorQuerySet, User


class RegroupingQuerySet(OperatorQuerySet["Regrouping"]):
    def standing(self) -> "RegroupingQuerySet":
        return self.filter(undone_at=None)

    def of(self, person_id: int) -> "RegroupingQuerySet":
        return self.filter(Q(person_id=person_id) | Q(other_id=person_id))

    def kept_for(self, person_id: int) -> int | None:
        """Who has what this record had before it was merged, over any number of merges."""
        kept = None
        while found := self.standing().filter(kind=Regrouping.Kind.MERGE, other_id=kept or person_id).first():
            kept = found.person_id
        return kept

    def merged_into(self, person_id: int) -> list[int]:
        """The records that are in this one, over any number of merges."""
        found, fresh = [], [person_id]
        while fresh:
            merges = self.standing().filter(kind=Regrouping.Kind.MERGE, person_id__in=fresh)
            fresh = list(merges.values_list("other_id", flat=True))
            found += fresh
        return found


class Regrouping(OperatorOwned):
    """What moved between two records, and what both said before and after: all that is needed to take it back."""

    class Kind(models.TextChoices):
        MERGE = "MERGE", "junção"
        SPLIT = "SPLIT", "separação"

    kind = models.CharField(max_length=5, choices=Kind.choices)
    person_id = models.BigIntegerField()  # who stays
    other_id = models.BigIntegerField()  # whose record went, or came to be
    reason = models.CharField("motivo", max_length=300)
    moved = models.JSONField(default=dict)  # table → keys of its rows
    before = models.JSONField(default=dict)  # of who stays, field by field
    after = models.JSONField(default=dict)
    record = models.JSONField(default=dict)  # the other's, whole
    ended_number = models.BigIntegerField(null=True)  # a current CNS that gave way to the other's
    withdrawn_reviews = models.JSONField(default=list)
    carried_pairs = models.JSONField(default=list)  # DistinctPair that were made for who stays
    stood = models.JSONField(default=dict)  # numbers and links of both, as this left them
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    transaction = models.BigIntegerField(editable=False)  # the last that moved anything: a trigger looks at it

    objects = OperatorManager.from_queryset(RegroupingQuerySet)()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = "junção ou separação"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["operator", "other_id"], condition=Q(kind="MERGE", undone_at=None), name="merged_once"
            ),
            models.CheckConstraint(condition=~Q(person_id=F("other_id")), name="regrouping_of_two"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["operator", "person_id"], name="regrouping_person"),
            models.Index(fields=["operator", "other_id"], name="regrouping_other"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_merge(self) -> bool:
        return self.kind == Regrouping.Kind.MERGE


class DistinctPair(OperatorOwned):
    """Two people of whom somebody said that they are not one: nobody is asked about them again."""

    low_id = models.BigIntegerField()
    high_id = models.BigIntegerField()
    reason = models.CharField("motivo", max_length=300)
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "par de pessoas distintas"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operator", "low_id", "high_id"], name="distinct_pair_once"),
            models.CheckConstraint(condition=Q(low_id__lt=F("high_id")), name="distinct_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"par {self.pk}"
