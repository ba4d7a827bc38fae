"""What waits for the reader: the lines of the dashboard, and the counters of the menu."""

from collections import Counter
from dataclasses import dataclass

from django.urls import reverse

from operators.middleware import PortalRequest
from operators.registry import TODO_ITEMS, TodoItem, Waiting
from operators.views.pagination import MAX_COUNTED, lately_counted


@dataclass(frozen=True, slots=True)
class TodoLine:
    item: TodoItem
    waiting: Waiting
    href: str

    @property
    def words(self) -> str:
        return self.item.words[self.waiting.count != 1]

    @property
    def more_than(self) -> bool:
        return self.waiting.count >= MAX_COUNTED


def todo_lines(request: PortalRequest) -> list[TodoLine]:
    """Work that there is and that the reader may do."""
    found = ((item, item.waiting(request)) for item in _allowed(request))
    return [TodoLine(item, waiting, _address(request, item)) for item, waiting in found if waiting.count]


def menu_counts(request: PortalRequest) -> dict[str, int]:
    """How much waits behind each entry of the menu that bears a count, by its URL name; as it was a short while ago,
    but never before the reader's own deed.
    """
    counts: Counter[str] = Counter()
    for item in _allowed(request):
        if item.menu:
            counts[item.menu] += _lately(request, item)
    return dict(counts)


def _lately(request: PortalRequest, item: TodoItem) -> int:
    whose = f":{request.user.pk}" if item.is_personal else ""
    return lately_counted(request, f"todo:{item.name}{whose}", lambda: item.waiting(request).count)


def _allowed(request: PortalRequest) -> list[TodoItem]:
    return [item for item in TODO_ITEMS if item.permission in request.permissions]


def _address(request: PortalRequest, item: TodoItem) -> str:
    page = reverse(item.page, args=[request.operator.registration])
    return f"{page}?{item.query}" if item.query else page
