"""Keyset pagination: a page of a long list, and counts that do not take longer with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from cnsportal.formats.text import key_of
from cnsportal.web.stale_cache import last_own_change, stale_while_revalidate
from operators.middleware import PortalRequest

T = TypeVar("T")
PAGE_SIZE = 50
MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a long list; ``total`` stops counting at ``most``, and then there are ``more_than``."""

    rows: list[Any]
    total: int
    first: str
    next: str
    most: int = MAX_COUNTED

    @property
    def more_than(self) -> bool:
        return self.total >= self.most


def newest_first(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE) -> Page:
    """Rows by falling primary key; the page after goes on below the last key shown, without an offset."""
    before = key_of(request.GET.get("antes", ""))
    shown = rows if before is None else rows.filter(pk__lt=before)
    found = list(shown.order_by("-pk")[: size + 1])
    onward = address(request, antes=found[size - 1].pk) if len(found) > size else ""
    return Page(found[:size], counted(rows), address(request, antes=None) if before is not None else "", onward)


def oldest_first(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE, *, total: int | None = None) -> Page:
    """Rows by rising primary key; counted, where nobody knows their number."""
    after = key_of(request.GET.get("depois", ""))
    shown = rows if after is None else rows.filter(pk__gt=after)
    found = list(shown.order_by("pk")[: size + 1])
    onward = address(request, depois=found[size - 1].pk) if len(found) > size else ""
    first = address(request, depois=None) if after is not None else ""
    return Page(found[:size], counted(rows) if total is None else total, first, onward)


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
