"""The list of a conference's differences: filtered, searched, with keyset pagination.

They go outcome by outcome as outcome_groups orders these, and inside one by primary key, which is what the index has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from beneficiaries.domain.identifiers import digits
from beneficiaries.domain.names import plain_words
from beneficiaries.models import Person
from beneficiaries.models.person_search import spelled
from cnsportal.formats.text import key_of
from sib.domain.outcome_groups import IN_ORDER, Group
from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile, Difference, MirrorRecord

MAX_FOUND = 1000  # people, and records, that a search looks at
NOT_IN_REGISTRY = (Outcome.ONLY_AT_ANS.name, Outcome.ONLY_AT_ANS_INACTIVE.name, Outcome.REPEATED.name)


@dataclass(frozen=True, slots=True)
class PageCursor:
    """Where a page begins: behind this difference."""

    outcome: str
    pk: int

    def __str__(self) -> str:
        return f"{self.outcome}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> "PageCursor | None":
        outcome, _, rest = text.partition(".")
        pk = key_of(rest)
        return None if outcome not in IN_ORDER or pk is None else cls(outcome, pk)


def outcomes_of(file: ConferenceFile, *, outcome: str = "", group: str = "") -> list[str]:
    """The outcomes that the list shows, of those that the file has; all that are listed where none is asked for."""
    wanted: Sequence[str] = IN_ORDER
    if outcome in IN_ORDER:
        wanted = (outcome,)
    elif group in Group.__members__:
        wanted = [each.name for each in Group[group].outcomes]
    return [name for name in wanted if file.outcomes.get(name) and name != Outcome.EQUAL.name]


def listed(
    file: ConferenceFile, outcomes: Sequence[str], size: int, *, after: PageCursor | None = None, text: str = ""
) -> tuple[list[Difference], PageCursor | None]:
    """One page, and where the next one begins; a constant number of queries."""
    if after:
        outcomes = outcomes[outcomes.index(after.outcome) :] if after.outcome in outcomes else []
    rows = found(file, text) if text else file.differences.all()
    keys = _keys(rows, outcomes, size + 1, after)
    onward = PageCursor(keys[size - 1][1], keys[size - 1][2]) if len(keys) > size else None
    return _whole([pk for _, _, pk in keys[:size]]), onward


def _keys(
    rows: QuerySet[Difference], outcomes: Sequence[str], size: int, after: PageCursor | None
) -> list[tuple[int, str, int]]:
    """The first of each outcome, taken together in one query: no outcome is read further than one page."""
    branches = [_branch(rows, outcome, size, after) for outcome in outcomes]
    if not branches:
        return []
    first, *others = branches
    together = list(first.union(*others, all=True)) if others else list(first)
    place = {outcome: number for number, outcome in enumerate(outcomes)}
    return sorted((place[outcome], outcome, pk) for outcome, pk in together)[:size]


def _branch(rows: QuerySet[Difference], outcome: str, size: int, after: PageCursor | None) -> QuerySet[Difference, Any]:
    """As a range of one outcome, in the order of the index that begins with the file: asked for by equality and key
    alone, the planner would rather walk along the primary key, through all conferences that came before.
    """
    shown = rows.filter(outcome__range=(outcome, outcome))
    if after and after.outcome == outcome:
        shown = shown.filter(pk__gt=after.pk)
    return shown.order_by("outcome", "pk").values_list("outcome", "pk")[:size]


def _whole(pks: Sequence[int]) -> list[Difference]:
    """In this order, each with its person."""
    by_pk = Difference.objects.select_related("person").in_bulk(pks)
    return [by_pk[pk] for pk in pks if pk in by_pk]


def named(differences: Sequence[Difference]) -> dict[str, str]:
    """What ANS calls those whom the registry does not know, by CCO."""
    ccos = [each.cco for each in differences if each.person_id is None and each.cco]
    return dict(MirrorRecord.objects.filter(cco__in=ccos).values_list("cco", "nome"))


# ---- search ---------------------------------------------------------------------------------------------------------


def found(file: ConferenceFile, text: str) -> QuerySet[Difference]:
    """Those whose person, CCO, CPF or CNS is searched for; at most MAX_FOUND."""
    people = list(Person.objects.search(text).order_by("pk").values_list("pk", flat=True)[:MAX_FOUND])
    ours = file.differences.filter(person__in=people).values_list("pk", flat=True)[:MAX_FOUND]
    not_in_registry = file.differences.filter(outcome__in=NOT_IN_REGISTRY, cco__in=_at_ans(text).values("cco"))
    theirs = not_in_registry.values_list("pk", flat=True)[:MAX_FOUND]
    rows: QuerySet[Difference] = file.differences.filter(pk__in={*ours, *theirs})
    return rows


def _at_ans(text: str) -> QuerySet[MirrorRecord]:
    number = digits(text)
    if len(number) >= 6 and not any(character.isalpha() for character in text):
        return MirrorRecord.objects.filter(Q(cco=number.zfill(12)) | Q(cpf=number.zfill(11)) | Q(cns=number))
    words = Q()
    for word in plain_words(text):
        words &= spelled(word)
    return MirrorRecord.objects.filter(words)
