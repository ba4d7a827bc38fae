"""The queue of the review desk: what waits for this reader, in the order of its opening, and narrowed to a part."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils import timezone

from beneficiaries.domain.identity_policy import Tier
from beneficiaries.models import CnsSource, Review

WEEK, MONTH, OLDER = "semana", "mes", "antigo"
SECOND, OWN = "segunda", "minhas"
AGES = {WEEK: "até 7 dias", MONTH: "8 a 30 dias", OLDER: "mais de 30 dias"}
STATES = {SECOND: "esperam a segunda pessoa", OWN: "propostos por mim"}
NAMES = {"source": "fonte", "tier": "nivel", "age": "idade", "state": "situacao"}
"""Of each part of a filter, its name in addresses."""
_VALUES = {"source": CnsSource.values, "tier": [str(tier) for tier in Tier], "age": list(AGES), "state": list(STATES)}


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Blank narrows nothing; but what the reader proposed to accept is in the queue only where it is asked for."""

    source: str = ""
    tier: str = ""
    age: str = ""
    state: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Of an address; what cannot be read narrows nothing."""
        asked = {part: query.get(name, "") for part, name in NAMES.items()}
        return cls(**{part: value for part, value in asked.items() if value in _VALUES[part]})

    @property
    def suffix(self) -> str:
        """For the end of an address."""
        chosen = {name: value for part, name in NAMES.items() if (value := getattr(self, part))}
        return f"?{urlencode(chosen)}" if chosen else ""

    def holds(self, row: "ReviewFilter") -> bool:
        """Whether cases of which all is said are among those that are asked for."""
        in_state = row.state == self.state if self.state else row.state != OWN
        parts = ("source", "tier", "age")
        return in_state and all(getattr(self, part) in {"", getattr(row, part)} for part in parts)

    def condition(self, reader_id: int) -> Q:
        equal = {part: value for part in ("source", "tier") if (value := getattr(self, part))}
        return Q(**equal) & _of_age(self.age) & _of_state(self.state, reader_id)


ALL = ReviewFilter()


def waiting_for(reader_id: int, asked: ReviewFilter = ALL) -> QuerySet[Review]:
    """Open cases; those that the reader proposed to accept wait for somebody else."""
    cases = _open().filter(asked.condition(reader_id))
    return cases.select_related("person", "proposed_by").order_by("opened_at", "pk")


def neighbours(case: Review, queue: QuerySet[Review]) -> tuple[Review | None, Review | None]:
    """The case before this one in the queue, and the one after it; this one need not be in it."""
    before = Q(opened_at__lt=case.opened_at) | Q(opened_at=case.opened_at, pk__lt=case.pk)
    after = Q(opened_at__gt=case.opened_at) | Q(opened_at=case.opened_at, pk__gt=case.pk)
    return queue.filter(before).last(), queue.filter(after).first()


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases there are of each kind, for any filter."""

    rows: Mapping[ReviewFilter, int]

    def of(self, asked: ReviewFilter) -> int:
        return sum(count for row, count in self.rows.items() if asked.holds(row))

    def by_value(self, asked: ReviewFilter, part: str) -> dict[str, int]:
        """Of each value of this part under the other ones; blank is all of them."""
        return {value: self.of(replace(asked, **{part: value})) for value in ("", *_VALUES[part])}


def count_queue(reader_id: int) -> QueueCounts:
    """By one GROUP BY."""
    is_week, is_month = _of_age(WEEK), _of_age(MONTH)
    age = Case(When(is_week, then=Value(WEEK)), When(is_month, then=Value(MONTH)), default=Value(OLDER))
    state = Case(
        When(proposed_by=reader_id, then=Value(OWN)),
        When(proposed_by__isnull=False, then=Value(SECOND)),
        default=Value(""),
        output_field=CharField(),
    )
    cases: Any = _open().order_by().annotate(age=age, state=state).values_list("source", "tier", "age", "state")
    counts: Counter[ReviewFilter] = Counter()
    for *parts, count in cases.annotate(count=Count("pk")):
        counts[ReviewFilter(*parts)] += count
    return QueueCounts(counts)


def _open() -> QuerySet[Review]:
    return Review.objects.filter(status=Review.Status.OPEN)


def _of_age(age: str) -> Q:
    if age == WEEK:
        return Q(opened_at__gte=_days_ago(7))
    if age == MONTH:
        return Q(opened_at__lt=_days_ago(7), opened_at__gte=_days_ago(30))
    return Q(opened_at__lt=_days_ago(30)) if age == OLDER else Q()


def _days_ago(days: int) -> datetime:
    """By calendar days, so that a filter means the same all day."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def _of_state(state: str, reader_id: int) -> Q:
    if state == OWN:
        return Q(proposed_by=reader_id)
    others = ~Q(proposed_by=reader_id)
    return others & Q(proposed_by__isnull=False) if state == SECOND else others
