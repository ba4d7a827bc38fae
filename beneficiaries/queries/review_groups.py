"""Open cases grouped by the question that they ask: the same reason, fields that agree alike, the same effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from beneficiaries.domain.field_comparison import Agreement
from beneficiaries.domain.identity_policy import VerdictReason
from beneficiaries.models import CnsSource, Review
from beneficiaries.models.cns import CnsKind
from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id

_SQL = read_statements("beneficiaries/sql/review_groups.sql")
DECIDED_IN_GROUPS = (VerdictReason.SAME_PERSON, VerdictReason.NAME_ABBREVIATED, VerdictReason.WITHOUT_CPF)
"""Reasons that raise no doubt of their own; every other one is for somebody to look at, case by case."""
EFFECTS = {
    "ATTACH": "Aceitar vincula o número a quem hoje não tem CNS.",
    "CONFIRM": "Aceitar confirma o mesmo número, hoje não verificado.",
    "REPLACE": "Aceitar substitui um número não verificado.",
}
MAX_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """``key`` stands for all that the cases have in common; ``last`` is the newest of them."""

    key: str
    tier: str
    reason: str
    source: str
    kind: str
    pattern: str
    effect: str
    count: int
    oldest: datetime
    last: int

    @property
    def effect_sentence(self) -> str:
        return EFFECTS[self.effect]

    @property
    def source_label(self) -> str:
        return str(CnsSource(self.source).label)

    @property
    def kind_label(self) -> str:
        return str(CnsKind(self.kind).label) if self.kind else ""

    @property
    def fields(self) -> list[tuple[str, Agreement]]:
        """Each compared field and how it agrees in all of the cases."""
        pairs = (part.split(":") for part in self.pattern.split())
        return [(field, Agreement(agreement)) for field, agreement in pairs]


def list_groups() -> list[ReviewGroup]:
    """Of two cases and more, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["groups"], _about())
        return [ReviewGroup(*row) for row in cursor.fetchall()]


def find_group(key: str) -> ReviewGroup | None:
    return next((group for group in list_groups() if group.key == key), None)


def cases_of(key: str, *, limit: int, last: int = MAX_KEY) -> list[int]:
    """Keys of cases in a group, none newer than ``last``."""
    return _keys("members", key=key, last=last, limit=limit)


def still_equal(key: str, cases: Sequence[int]) -> set[int]:
    """Those of the cases that belong to the group now."""
    return set(_keys("still_equal", key=key, cases=list(cases)))


def in_order(cases: Sequence[int]) -> list[Review]:
    found = Review.objects.select_related("person").in_bulk(cases)
    return [found[case] for case in cases if case in found]


def _keys(statement: str, **about: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL[statement], {**_about(), **about})
        return [key for (key,) in cursor.fetchall()]


def _about() -> dict[str, Any]:
    reasons = [text for reason in DECIDED_IN_GROUPS for text in (reason.name, reason.value)]
    return {"operator": current_operator_id(), "reasons": reasons}
