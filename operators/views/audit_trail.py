"""The audit trail of an operator, newest first."""

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet
from django.http import HttpResponse

from operators.audit import EventKind
from operators.middleware import PortalRequest
from operators.models import AuditEvent
from operators.permissions import Permission
from operators.registry import PERSON_PAGE, ExportRequest, ListExport
from operators.views.base import PortalView
from operators.views.pagination import keyset_page


class AuditTrail(PortalView):
    permission = Permission.VIEW_AUDIT
    template = "operators/audit.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, _narrowed(request.GET))
        return self.page(
            page=page,
            moments=[(event, EventKind.of(event.kind).label) for event in page.rows],
            kinds=[(kind.code, kind.label) for kind in EventKind],
            chosen=request.GET.get("tipo", ""),
            person_page=PERSON_PAGE.url_name,
        )


def _narrowed(query: Mapping[str, str]) -> QuerySet[AuditEvent]:
    kind = query.get("tipo", "")
    events: QuerySet[AuditEvent] = AuditEvent.objects.all()
    return events.filter(kind=kind) if kind else events


def _rows(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    labels = {kind.code: kind.label for kind in EventKind}
    for event in _narrowed(asked.query).order_by("-pk").iterator():
        subject = f"pessoa {event.person_id}" if event.person_id else f"{event.subject} {event.subject_id}"
        yield event.at, labels[event.kind], event.actor_label, subject, event.source


audit_export = ListExport(
    name="audit",
    label="Auditoria",
    permission=Permission.VIEW_AUDIT,
    page="operators:audit",
    columns=("Quando", "O quê", "Quem", "Sobre", "De onde"),
    rows=_rows,
    filters=("tipo",),
    has_numbers=False,
)
