"""The audit trail of an operator, newest first."""

from django.http import HttpResponse

from operators.audit import EventKind
from operators.middleware import PortalRequest
from operators.models import AuditEvent
from operators.permissions import Permission
from operators.registry import PERSON_PAGE
from operators.views.base import PortalView
from operators.views.pagination import newest_first


class AuditTrail(PortalView):
    permission = Permission.VIEW_AUDIT
    template = "operators/audit.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        kind = request.GET.get("tipo", "")
        events = AuditEvent.objects.all()
        page = newest_first(request, events.filter(kind=kind) if kind else events)
        moments = [(event, EventKind.of(event.kind).label) for event in page.rows]
        kinds = [(kind.code, kind.label) for kind in EventKind]
        return self.page(page=page, moments=moments, kinds=kinds, chosen=kind, person_page=PERSON_PAGE.url_name)
