"""The page of numbers that two people claim."""

from django.http import HttpResponse

from beneficiaries.queries.number_radar import shared_numbers
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import address


class NumberRadar(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/number_radar.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        after = key_of(request.GET.get("depois", ""))
        rows, last = shared_numbers(after)
        return self.page(
            rows=rows,
            first=address(request, depois=None) if after else "",
            next=address(request, depois=last) if last else "",
        )
