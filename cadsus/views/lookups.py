"""The pages of the lookup queue."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from cadsus.models import Credential, EnvironmentName, Lookup, LookupOutcome, LookupQuerySet, LookupReason, Priority
from cadsus.queries.queue_overview import Overview, forecast, last_answer, open_and_failed, overview
from cadsus.throttling.registry import opening_hours_for
from cadsus.views.queue_actions import pause_in_force
from cnsportal.jobs import ACTIVE, OPEN, Status
from cnsportal.web.stale_cache import last_own_change
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView
from operators.views.facets import facets
from operators.views.pagination import keyset_page

WARNING_DAYS = 30  # days before a certificate ends
WATCH_SECONDS = 30  # after somebody's own act, until a worker has surely begun what was asked

PLACES = {
    Priority.INTERACTIVE: "pedidas na tela",
    Priority.IMPORT: "recém-importadas",
    Priority.BACKLOG: "sem pressa",
}
"""In the queue, foremost first."""

STATES = (
    (Status.QUEUED, "Na fila"),
    (Status.RUNNING, "Em andamento"),
    (Status.WAITING, "Aguardando nova tentativa"),
    (Status.DONE, "Respondidas"),
    (Status.FAILED, "Não foi possível perguntar"),
    (Status.CANCELLED, "Canceladas"),
)
STATE = "situacao"
FILTERS = {
    "prioridade": ("priority", "Toda prioridade", [(str(int(value)), label) for value, label in PLACES.items()]),
    "resultado": ("outcome", "Todo resultado", LookupOutcome.choices),
    "motivo": ("reason", "Todo motivo", LookupReason.choices),
}
"""In the address: the lookup's column, how no choice is called, what may be chosen."""


class LookupList(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "cadsus/lookups.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        seen = overview()
        chosen = _chosen(request.GET)
        return self.page(
            fragment="cadsus/_lookups.html",
            page=keyset_page(request, found(request.GET)),
            states=facets(request, STATE, [(str(status), label) for status, label in STATES], counts=_known(seen)),
            filters=[(key, label, choices, chosen[key]) for key, (_, label, choices) in FILTERS.items()],
            chosen=chosen,
            active=self._is_moving(seen),
            **_link(seen),
        )

    def _is_moving(self, seen: Overview) -> bool:
        """Whether the page is to renew itself: the counts are some seconds old, a worker may be yet to begin."""
        is_watched = time.time() - last_own_change(self.request.operator.pk, self.request.user.pk) < WATCH_SECONDS
        is_counted = any(seen.by_status.get(status) for status in ACTIVE)
        return Lookup.objects.filter(status__in=ACTIVE).exists() or is_watched or is_counted


def _chosen(query: Mapping[str, str]) -> dict[str, str]:
    return {key: query.get(key, "") for key in (STATE, *FILTERS)}


def found(query: Mapping[str, str]) -> LookupQuerySet:
    """As the address narrows them."""
    chosen = _chosen(query)
    lookups: LookupQuerySet = Lookup.objects.select_related("person", "requested_by")
    if chosen[STATE] in Status.values:
        lookups = lookups.filter(status=chosen[STATE])
    for key, (column, _, choices) in FILTERS.items():
        if chosen[key] in dict(choices):
            lookups = lookups.filter(**{column: chosen[key]})
    return lookups


def _known(seen: Overview) -> dict[str, int]:
    return {str(status): seen.by_status.get(status, 0) for status in Status.values}


def _link(seen: Overview) -> dict[str, Any]:
    """The state of the way to DATASUS and of the queue, for the page's upper half."""
    name = settings.CADSUS_ENVIRONMENT
    return {
        "seen": seen,
        "standing": seen.link.obstacle,
        "percent": (seen.link.error_rate or 0) * 100,
        "forecast": forecast(seen),
        "queued": [(label, seen.queued.get(priority, 0)) for priority, label in PLACES.items()],
        "environment": EnvironmentName(name),
        "credential": Credential.objects.active().filter(environment=name).first(),
        "pause": pause_in_force(),
        "rate": settings.CADSUS_ENVIRONMENTS[name]["rate"],
        "hours": opening_hours_for(name),
        "warned_ahead": WARNING_DAYS,
    }


def _queue(request: PortalRequest) -> dict[str, Any]:
    counts = open_and_failed()
    return {
        "open": sum(counts.get(status, 0) for status in OPEN),
        "waiting": counts.get(Status.WAITING, 0),
        "failed": counts.get(Status.FAILED, 0),
        "last_answer": last_answer(),
        "href": reverse("cadsus:lookups", args=[request.operator.registration]),
    }


queue_panel = Panel(Permission.VIEW_PEOPLE, "cadsus/_queue_panel.html", _queue)
