"""The calendar of the SIB: what is due to ANS for each month."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView
from sib.queries.calendar import agenda, urgent_deadlines


class Calendar(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/calendar.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(months=agenda())


def _due(request: PortalRequest) -> dict[str, Any]:
    due = urgent_deadlines()
    return {"due": due, "href": reverse("sib:calendar", args=[request.operator.registration])} if due else {}


due_panel = Panel(Permission.DRAFT_MOVEMENTS, "sib/_todo_due.html", _due)
