"""Heads of columns by which a list is sorted: each a link, and its direction for screen readers."""

from dataclasses import dataclass

from django.http import HttpRequest

from operators.views.pagination import address


@dataclass(frozen=True, slots=True)
class SortHead:
    """``direction`` as ``aria-sort`` says it, blank where the list is sorted by another column."""

    label: str
    href: str
    direction: str


def sort_head(request: HttpRequest, label: str, column: str, *, default: str) -> SortHead:
    """The link of a column; that of the column in force turns its direction round. ``ordem`` in the address says
    ``column``, or ``-column`` for falling; without it the list is sorted by ``default``.
    """
    chosen = request.GET.get("ordem", "") or default
    falls = chosen == f"-{column}"
    direction = "descending" if falls else "ascending" if chosen == column else ""
    wanted = f"-{column}" if direction == "ascending" else column
    href = address(request, antes=None, depois=None, ordem=None if wanted == default else wanted)
    return SortHead(label, href, direction)
