"""Conference files of ANS: what came, how it differs, and the decision to apply it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cnsportal.runs import Status
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import Panel, PortalView, facets, newest_first
from sib.models import ConferenceFile, Difference, Step
from sib.reconcile import Outcome
from sib.services.processing import request_apply

FRESH, AGEING = 35, 65  # days: ANS answers a monthly movement; two months without a conference is too long


class Conferences(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/conferences.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(page=newest_first(request, ConferenceFile.objects.all()), light=light())


class Conference(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/conference.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        outcome = request.GET.get("resultado", "")
        differences = file.differences.select_related("person")
        chosen = differences.filter(outcome=outcome) if outcome in Outcome.__members__ else differences
        return self.page(
            file=file,
            page=newest_first(request, chosen),
            outcomes=facets(request, "resultado", _choices(file), counts=file.outcomes),
            applicable=_applicable(file),
            to_apply=file.differences.to_apply().count(),
        )


class Progress(PortalView):
    """The bar alone; when the run is over the whole page is asked for, once, to show what came of it."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/_progress.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        response = self.page(file=file)
        if not file.is_active and request.htmx:  # type: ignore[attr-defined]
            response["HX-Refresh"] = "true"
        return response


class Apply(PortalView):
    permission = Permission.APPLY_IMPORT

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        with transaction.atomic():
            taken = request_apply(file)
            if taken:
                file.enqueue()
        if taken:
            messages.success(request, "A conferência está sendo aplicada.")
        else:
            messages.error(request, "Só uma conferência ensaiada e ainda não aplicada pode ser aplicada.")
        return redirect("sib:conference", request.operator.registration, pk)


def _applicable(file: ConferenceFile) -> bool:
    return file.step == Step.REHEARSED and file.status == Status.WAITING


def _choices(file: ConferenceFile) -> list[tuple[str, str]]:
    """The outcomes that the file has, in the order of the vocabulary."""
    return [(outcome.name, outcome.value) for outcome in Outcome if file.outcomes.get(outcome.name)]


def light() -> dict[str, Any]:
    """The last conference that was applied or rehearsed, and whether it is recent enough."""
    usable = ConferenceFile.objects.filter(step__in=[Step.REHEARSED, Step.APPLIED])
    last = usable.order_by("-pk").first()
    if last is None:
        return {"last": None, "tone": "bad", "text": "nenhuma conferência"}
    days = (timezone.now() - last.queued_at).days
    tone = "good" if days <= FRESH else "warn" if days <= AGEING else "bad"
    return {
        "last": last,
        "tone": tone,
        "text": "de hoje" if days == 0 else f"há {days} {'dia' if days == 1 else 'dias'}",
    }


def _last(request: PortalRequest) -> dict[str, Any]:
    return {**light(), "href": reverse("sib:conferences", args=[request.operator.registration])}


def _of_person(_request: PortalRequest, person: Any) -> dict[str, Any]:
    differences = Difference.objects.filter(person=person).select_related("file")
    return {"differences": differences.order_by("-pk")[:5]}


conference_panel = Panel(Permission.VIEW_IMPORTS, "sib/_last.html", _last)
person_panel = Panel(Permission.VIEW_IMPORTS, "sib/_person.html", _of_person)
