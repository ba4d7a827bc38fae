"""Facets: the values that a list may be narrowed to, as links."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from operators.views.pagination import address


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that a list may be narrowed to."""

    label: str
    href: str
    current: bool
    count: int | None = None


def facets(
    request: HttpRequest,
    key: str,
    choices: Iterable[tuple[str, str]],
    *,
    every: str = "Todas",
    counts: dict[str, int] | None = None,
) -> list[Facet]:
    """The choices of one filter, all of them first; choosing one leaves the page number behind."""
    known = counts or {}
    return [
        Facet(
            label,
            address(request, antes=None, depois=None, **{key: value or None}),
            value == request.GET.get(key, ""),
            None if counts is None else (known.get(value, 0) if value else sum(known.values())),
        )
        for value, label in [("", every), *choices]
    ]
