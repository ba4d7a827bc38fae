"""An administrator's actions on the whole queue, and the banner of every page while it is blocked."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cadsus.forms.queue import CancelForm, PauseForm
from cadsus.models import Pause
from cadsus.queries.queue_overview import forget_overview, overview
from cadsus.services import (
    ask_again,
    ask_all_missing,
    link_notice,
    pause_queue,
    raise_priority,
    request_cancel,
    resume_queue,
)
from cadsus.services.lookups.nightly import without_cns_and_due
from cnsportal.formats.br import format_count, format_datetime_in_sentence
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView

QUEUE = "cadsus:lookups"
PAGES_WITH_DETAIL = frozenset({QUEUE, "cadsus:queue_pause"})


class QueueView(PortalView):
    """Ends at the queue's page, which shows the effect at once."""

    def back(self) -> HttpResponse:
        forget_overview()
        return redirect(QUEUE, self.request.operator.registration)


class PauseQueue(QueueView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/queue_pause.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        pause = pause_in_force()
        return self.page(form=PauseForm.to_change(pause), pause=pause)

    def post(self, request: PortalRequest) -> HttpResponse:
        form = PauseForm(request.POST)
        if not form.is_valid():
            return self.page(status=422, form=form, pause=pause_in_force())
        pause = pause_queue(form.cleaned_data["end"], form.cleaned_data["reason"], request.user)
        until = format_datetime_in_sentence(timezone.localtime(pause.until))
        messages.success(request, f"As consultas ao DATASUS estão pausadas até {until}.")
        return self.back()


class ResumeQueue(QueueView):
    permission = Permission.MANAGE_CREDENTIALS

    def post(self, request: PortalRequest) -> HttpResponse:
        if resume_queue(request.user):
            messages.success(request, "A pausa terminou; as consultas ao DATASUS continuam.")
        else:
            messages.info(request, "Não havia pausa: ela já tinha terminado.")
        return self.back()


class CancelQueue(QueueView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/queue_cancel.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=CancelForm(), pending=overview().link.pending)

    def post(self, request: PortalRequest) -> HttpResponse:
        form = CancelForm(request.POST)
        if not form.is_valid():
            return self.page(status=422, form=form, pending=overview().link.pending)
        request_cancel(form.priorities, request.user)
        messages.success(request, "As consultas estão saindo da fila; em instantes a página mostra o que ficou.")
        return self.back()


class AskMissing(QueueView):
    """First how many there are, then the question to them all, which a worker puts into the queue."""

    permission = Permission.ASK_CNS
    template = "cadsus/queue_ask_missing.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(count=without_cns_and_due().count())

    def post(self, request: PortalRequest) -> HttpResponse:
        ask_all_missing(request.user)
        messages.success(request, "As perguntas estão entrando na fila; em instantes elas aparecem aqui.")
        return self.back()


class RetryQueue(QueueView):
    permission = Permission.ASK_CNS

    def post(self, request: PortalRequest) -> HttpResponse:
        hurried = raise_priority(request.user)
        messages.success(request, _counted(hurried, "consulta voltou para a fila", "consultas voltaram para a fila"))
        return self.back()


class AskAgain(QueueView):
    permission = Permission.ASK_CNS

    def post(self, request: PortalRequest) -> HttpResponse:
        asked = ask_again(request.POST.get("falha", ""), request.user)
        messages.success(request, _counted(asked, "pessoa voltou para a fila", "pessoas voltaram para a fila"))
        return self.back()


class ConnectionNotice(PortalView):
    """The banner alone, for the banner: it asks while it has something to say, and hears only what has changed."""

    permission = Permission.VIEW_PEOPLE

    def get(self, request: PortalRequest) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect(QUEUE, request.operator.registration)
        notice = link_notice()
        if notice and notice.obstacle == request.GET.get("mostra"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "cadsus/_connection_banner.html", {"panel": {"notice": notice}})


def pause_in_force() -> Pause | None:
    in_force = Pause.objects.in_force().filter(environment=settings.CADSUS_ENVIRONMENT)
    found: Pause | None = in_force.select_related("paused_by").first()
    return found


def _banner(request: PortalRequest) -> dict[str, Any]:
    """Nothing while all is well, and nothing on the pages that tell more."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    notice = None if here in PAGES_WITH_DETAIL else link_notice()
    return {"notice": notice} if notice else {}


def _counted(count: int, one: str, many: str) -> str:
    if not count:
        return "Nada mudou: não havia nenhuma."
    return f"{format_count(count)} {one if count == 1 else many}."


link_banner = Panel(Permission.VIEW_PEOPLE, "cadsus/_connection_banner.html", _banner)
