"""The audit trail of an operator, newest first."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpResponse

from operators.audit import EventKind
from operators.middleware import PortalRequest
from operators.models import AuditEvent
from operators.permissions import Permission
from operators.registry import PERSON_PAGE, ExportRequest, ListExport
from operators.views.base import PortalView
from operators.views.pagination import keyset_page

_ROW = re.compile(r"[a-z]+\.([a-z]+):([0-9]+)")


class AuditTrail(PortalView):
    permission = Permission.VIEW_AUDIT
    template = "operators/audit.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, _narrowed(request.GET))
        return self.page(
            page=page,
            moments=[
                (event, EventKind.of(event.kind).label, _subject(event), source_in_words(event.source))
                for event in page.rows
            ],
            kinds=sorted(((kind.code, kind.label) for kind in EventKind), key=lambda kind: kind[1]),
            chosen=request.GET.get("tipo", ""),
            person_page=PERSON_PAGE.url_name,
        )


def _narrowed(query: Mapping[str, str]) -> QuerySet[AuditEvent]:
    kind = query.get("tipo", "")
    events: QuerySet[AuditEvent] = AuditEvent.objects.all()
    return events.filter(kind=kind) if kind else events


@cache
def _names() -> dict[str, str]:
    """Of models in people's words, by the names under which events have them."""
    return {"link": "vínculo", **{model.__name__.lower(): str(model._meta.verbose_name) for model in apps.get_models()}}


def _subject(event: AuditEvent) -> str:
    if event.person_id:
        return f"pessoa {event.person_id}"
    name = event.subject.replace("_", "")
    return f"{_names().get(name, event.subject)} {event.subject_id}"


def source_in_words(source: str) -> str:
    """``sib.conferencefile:12`` as *conferência 12*; what is no row as it stands."""
    found = _ROW.fullmatch(source)
    return f"{_names().get(found[1], found[1])} {found[2]}" if found else source


def _rows(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    labels = {kind.code: kind.label for kind in EventKind}
    for event in _narrowed(asked.query).order_by("-pk").iterator():
        yield event.at, labels[event.kind], event.actor_label, _subject(event), source_in_words(event.source)


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
