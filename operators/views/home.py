"""Where a reader begins: the operator's dashboard, or the choice of an operator."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from operators.middleware import PortalRequest
from operators.models import Operator
from operators.permissions import Permission
from operators.registry import PANELS, Slot
from operators.views.base import PortalView
from operators.views.panels import filled_panels
from operators.views.todo import todo_lines


class Dashboard(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "operators/dashboard.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        slots = (Slot.WIDE, Slot.TILES)
        panels: dict[str, Any] = {slot.value: filled_panels(PANELS[slot], request) for slot in slots}
        return self.page(**panels, todo=todo_lines(request))


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the reader's operator, or to a choice where there are several or none."""
    operators = list(Operator.objects.filter(memberships__user=request.user.pk).distinct().order_by("trade_name"))
    if len(operators) == 1:
        return redirect("operators:dashboard", operators[0].registration)
    return render(request, "operators/choose_operator.html", {"operators": operators})
