"""Keyset pagination: a page of a long list, and counts that do not take longer with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from cnsportal.formats.text import key_of
from cnsportal.web.stale_cache import last_own_change, stale_while_revalidate
from operators.middleware import PortalRequest

T = TypeVar("T")
PAGE_SIZE = 50
MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a long list; ``total`` stops counting at ``most``, and then there are ``more_than``.

    ``first``, ``previous`` and ``next`` are addresses, blank where there is no such page; ``number`` is 0 where
    finding it out would take long.
    """

    rows: list[Any]
    total: int
    first: str
    next: str
    most: int = MAX_COUNTED
    previous: str = ""
    number: int = 0
    size: int = PAGE_SIZE

    @property
    def more_than(self) -> bool:
        return self.total >= self.most

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)


class Order:
    """Columns by which a list is sorted, ``-`` in front of those that fall; the last one tells all rows apart."""

    def __init__(self, *columns: str) -> None:
        self._columns = [(column.lstrip("-"), column.startswith("-")) for column in columns]

    def sort(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        return rows.order_by(*(f"{'-' if falls is not backwards else ''}{name}" for name, falls in self._columns))

    def beyond(self, place: Sequence[Any], *, backwards: bool) -> Q:
        """Rows behind the place, or in front of it."""
        condition, same = Q(), Q()
        for (name, falls), value in zip(self._columns, place, strict=True):
            comparison = "lt" if falls is not backwards else "gt"
            condition |= same & Q((f"{name}__{comparison}", value))
            same &= Q((name, value))
        # The alternatives alone would be read row by row; along the index goes what bounds the first column.
        first, falls = self._columns[0]
        bound = "lte" if falls is not backwards else "gte"
        return Q((f"{first}__{bound}", place[0])) & condition

    def place_of(self, rows: QuerySet[Any], key: int) -> Sequence[Any] | None:
        """Of the row with this key; None where it is gone."""
        if self.names == ["pk"]:
            return [key]
        return rows.order_by().filter(pk=key).values_list(*self.names).first()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self._columns]


NEWEST_FIRST = Order("-pk")
OLDEST_FIRST = Order("pk")


def keyset_page(
    request: HttpRequest,
    rows: QuerySet[Any],
    order: Order = NEWEST_FIRST,
    *,
    size: int | None = None,
    total: int | None = None,
    places: QuerySet[Any] | None = None,
) -> Page:
    """The rows behind the one that the address names in ``depois``, or in front of that in ``antes``; no offset.

    ``total`` where it is known already; ``places`` where the row of the address is looked for, which may have left the
    list meanwhile.
    """
    size = size or PAGE_SIZE
    after, before = key_of(request.GET.get("depois", "")), key_of(request.GET.get("antes", ""))
    backwards, key = after is None and before is not None, before if after is None else after
    place = None if key is None else order.place_of(rows.model._default_manager if places is None else places, key)
    shown = rows if place is None else rows.filter(order.beyond(place, backwards=backwards))
    found = list(order.sort(shown, backwards=backwards)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards and not more:  # the first page, and whole
        place, found = None, list(order.sort(rows)[: size + 1])
        more, found, backwards = len(found) > size, found[:size], False
    if backwards:
        found.reverse()
    counted_rows = counted(rows) if total is None else total
    return Page(
        found,
        counted_rows,
        first="" if place is None else address(request, antes=None, depois=None),
        next=address(request, antes=None, depois=found[-1].pk) if found and (more or backwards) else "",
        previous=address(request, depois=None, antes=found[0].pk) if found and place is not None else "",
        number=_number(rows, order, found, size, counted_rows, is_first=place is None),
        size=size,
    )


def _number(rows: QuerySet[Any], order: Order, found: Sequence[Any], size: int, total: int, *, is_first: bool) -> int:
    """Which page it is; 0 where those in front are too many to count."""
    if is_first:
        return 1
    if not found or total >= MAX_COUNTED:
        return 0
    place = [getattr(found[0], name) for name in order.names]
    return counted(rows.filter(order.beyond(place, backwards=True))) // size + 1


def lately_counted(request: PortalRequest, key: str, count: Callable[[], T]) -> T:
    """A count of the operator's that all who look share; what the reader did last is in it."""
    changed_at = last_own_change(request.operator.pk, request.user.pk)
    return stale_while_revalidate(f"{key}:{request.operator.pk}", count, since=changed_at)


def counted(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("pk")[:MAX_COUNTED].count()


def address(request: HttpRequest, **changes: object) -> str:
    """The same page with parts of its query changed; None takes one away."""
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path
