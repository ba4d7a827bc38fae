"""What there is to correct, list by list, with how many people stand in each."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from beneficiaries.queries.worklists import Worklist, count_worklists
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import lately_counted


class Worklists(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/worklists.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        counts = lately_counted(request, "worklists", count_worklists)
        people = reverse("beneficiaries:people", args=[request.operator.registration])
        return self.page(
            lists=[(each, counts[each], f"{people}?{urlencode({'lista': each.value})}") for each in Worklist]
        )
