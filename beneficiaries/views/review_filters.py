"""What the queue of the review desk is narrowed to, as links with counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from beneficiaries.domain.identity_policy import Tier
from beneficiaries.models import CnsSource
from beneficiaries.queries.review_queue import AGES, STATES, QueueCounts, ReviewFilter
from operators.views.facets import Facet


@dataclass(frozen=True, slots=True)
class FilterGroup:
    title: str
    facets: list[Facet]


_PARTS: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "state": ("Situação", "Todas as situações", STATES),
    "source": ("Origem", "Todas as origens", {value: str(label) for value, label in CnsSource.choices}),
    "tier": ("Nível", "Todos os níveis", {str(tier): f"nível {tier}" for tier in Tier}),
    "age": ("Idade do caso", "Qualquer idade", AGES),
}


def filter_groups(counts: QueueCounts, asked: ReviewFilter, page: str) -> list[FilterGroup]:
    """Of the parts by which the cases differ or are narrowed."""
    groups = (_group(counts, asked, page, part) for part in _PARTS)
    return [group for group in groups if group]


def _group(counts: QueueCounts, asked: ReviewFilter, page: str, part: str) -> FilterGroup | None:
    title, every, labels = _PARTS[part]
    found, chosen = counts.by_value(asked, part), getattr(asked, part)
    offered = [value for value in labels if found[value] or value == chosen]
    if not chosen and not _tells_apart(part, offered):
        return None
    shown = [
        Facet(label, f"{page}{replace(asked, **{part: value}).suffix}", value == chosen, found[value])
        for value, label in (("", every), *((value, labels[value]) for value in offered))
    ]
    return FilterGroup(title, shown)


def _tells_apart(part: str, offered: list[str]) -> bool:
    """A case need not be in any of the states."""
    return len(offered) > (0 if part == "state" else 1)
