"""Sums of a conference's differences: what applying would still do, and what was done."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from beneficiaries.services import Attachment
from sib.domain.reconcile import DifferenceAction
from sib.models import ConferenceFile
from sib.models.differences import DifferenceQuerySet

SUMMARY_TTL_SECONDS = 7 * 24 * 3600
REVERTED = "REVERTED"  # the answer of a difference that was undone
WRITTEN = frozenset(answer.name for answer in Attachment if answer.is_written)
UNDOABLE = WRITTEN | {"TAKEN", "INVALID"}
"""Answers that changed something: a number, or what is said on the person."""

_WAITS = ExpressionWrapper(Q(applied_at__isnull=True), output_field=BooleanField())

Row = tuple[str, str, str, bool, int]  # outcome, action, answer, whether it waits, how many


@dataclass(frozen=True, slots=True)
class ApplySummary:
    left: Counter[str] = field(default_factory=Counter)  # by outcome: what waits to be applied
    actions: Counter[str] = field(default_factory=Counter)  # the same by action
    done: Counter[str] = field(default_factory=Counter)  # by answer, or by action where the action gives none

    @property
    def results_by_count(self) -> list[tuple[str, int]]:
        return _most_first(self.done)

    @property
    def actions_by_count(self) -> list[tuple[str, int]]:
        return _most_first(self.actions)

    @property
    def to_apply(self) -> int:
        return self.left.total()

    @property
    def undoable(self) -> int:
        """What applying changed and could be taken back."""
        return sum(count for name, count in self.done.items() if name in UNDOABLE | set(DifferenceAction))


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def summarise(file: ConferenceFile) -> ApplySummary:
    """Of a file at rest. Counted once for each rest: a million differences change only while a worker is at them."""
    if file.is_active:
        return ApplySummary()
    place = f"sib:tally:{file.pk}:{file.attempt}:{file.step}:{file.status}:{file.queued_at.timestamp()}"
    return _added(cache.get_or_set(place, lambda: _rows(file.differences.exclude(deed="")), SUMMARY_TTL_SECONDS) or [])


def summary_of(
    file: ConferenceFile, *, outcomes: Collection[str] | None = None, ids: Collection[int] | None = None
) -> ApplySummary:
    """What applying these would do; everything that waits where none is named."""
    if ids is not None:
        return _added(_rows(file.differences.to_apply().filter(pk__in=ids)))
    if outcomes is not None:
        return _added(_rows(file.differences.to_apply().filter(outcome__in=outcomes)))
    return summarise(file)


def undoable(file: ConferenceFile) -> DifferenceQuerySet:
    """The differences that changed something when they were applied, and were not undone."""
    applied: DifferenceQuerySet = file.differences.filter(applied_at__isnull=False).exclude(answer=REVERTED)
    changed = (
        Q(answer__in=UNDOABLE)
        | Q(gives_cco=True)
        | Q(answer="", deed__in=[DifferenceAction.REVIEW, DifferenceAction.QUARANTINE])
    )
    return applied.filter(changed)


def _rows(differences: DifferenceQuerySet) -> list[Row]:
    waits = differences.annotate(waits=_WAITS).order_by()
    return list(waits.values_list("outcome", "deed", "answer", "waits").annotate(count=Count("pk")))


def _added(rows: Iterable[Row]) -> ApplySummary:
    found = ApplySummary()
    for outcome, action, answer, waits, count in rows:
        if waits:
            found.left[outcome] += count
            found.actions[action] += count
        else:
            found.done[answer or action] += count
    return found
