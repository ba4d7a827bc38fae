"""The queue of questions to DATASUS, and the wish to ask one more."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.models import Person
from cadsus.models import Credential, EnvironmentName, Exchange, Lookup, Priority, Reason
from cadsus.services import ask_cns
from cnsportal.runs import OPEN, Status
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import Panel, PortalView, facets, newest_first

WARNED_AHEAD = 30  # days before a certificate ends
LAST_OF_PERSON = 5

STATES = (
    (Status.QUEUED, "Na fila"),
    (Status.RUNNING, "Em andamento"),
    (Status.WAITING, "Aguardando nova tentativa"),
    (Status.DONE, "Respondidas"),
    (Status.FAILED, "Não foi possível perguntar"),
    (Status.CANCELLED, "Canceladas"),
)


class Lookups(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "cadsus/lookups.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        counts = _counts()
        chosen = request.GET.get("situacao", "")
        lookups = Lookup.objects.select_related("person", "requested_by")
        return self.page(
            fragment="cadsus/_lookups.html",
            page=newest_first(request, lookups.filter(status=chosen) if chosen in Status.values else lookups),
            states=facets(request, "situacao", [(str(status), label) for status, label in STATES], counts=counts),
            active=bool(counts.get(Status.QUEUED) or counts.get(Status.RUNNING)),
            environment=EnvironmentName(settings.CADSUS_ENVIRONMENT),
            credential=Credential.objects.active().filter(environment=settings.CADSUS_ENVIRONMENT).first(),
            last_answer=_last_answer(),
            warned_ahead=WARNED_AHEAD,
        )


class Ask(PortalView):
    permission = Permission.ASK_CNS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        asked = ask_cns([pk], reason=Reason.REQUESTED, priority=Priority.INTERACTIVE, actor=request.user)
        if pk in asked:
            messages.success(request, "A consulta ao DATASUS está na frente da fila.")
        else:
            messages.error(request, "Faltam dados para consultar: informe o CPF, ou o nome da mãe.")
        return redirect("beneficiaries:person", request.operator.registration, person.pk)


def _counts() -> dict[str, int]:
    return dict(Lookup.objects.values_list("status").annotate(Count("pk")).order_by())


def _last_answer() -> Exchange | None:
    answered = Exchange.objects.filter(environment=settings.CADSUS_ENVIRONMENT, trouble="", milliseconds__isnull=False)
    return answered.order_by("-at").first()


def _queue(request: PortalRequest) -> dict[str, Any]:
    counts = _counts()
    return {
        "open": sum(counts.get(status, 0) for status in OPEN),
        "waiting": counts.get(Status.WAITING, 0),
        "failed": counts.get(Status.FAILED, 0),
        "last_answer": _last_answer(),
        "href": reverse("cadsus:lookups", args=[request.operator.registration]),
    }


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    lookups: QuerySet[Lookup] = person.lookups.select_related("requested_by")
    return {"lookups": lookups.order_by("-pk")[:LAST_OF_PERSON]}


queue_panel = Panel(Permission.VIEW_PEOPLE, "cadsus/_queue.html", _queue)
person_panel = Panel(Permission.VIEW_PEOPLE, "cadsus/_person.html", _of_person)
