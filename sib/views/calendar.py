"""The calendar of the SIB: what is due to ANS for each month."""

from django.http import HttpResponse

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from sib.queries.calendar import agenda


class Calendar(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/calendar.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(months=agenda())
