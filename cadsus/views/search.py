"""Requests a lookup of one person, and shows the person's lookups so far."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from beneficiaries.models import CnsNumber, Person
from cadsus.client.errors import ErrorKind
from cadsus.domain.search_override import SearchOverride
from cadsus.forms.search import AskByForm
from cadsus.models import Candidate, Exchange, Lookup, LookupReason, Priority
from cadsus.services import ask_cns, link_notice
from cadsus.services.lookups.new_people import TOO_LITTLE
from cadsus.views.queue_actions import pause_in_force
from cnsportal.formats.br import format_datetime_in_sentence
from cnsportal.jobs import Status
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView

MAX_LOOKUPS = 5
MAX_CALLS = 20


class CreateLookup(PortalView):
    """By whatever is surest."""

    permission = Permission.ASK_CNS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        return _asked(request, person)


class CreateLookupBy(PortalView):
    """By what somebody chooses, or by a number that the person gave."""

    permission = Permission.ASK_CNS
    template = "cadsus/lookup_create_by.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        return self.page(person=person, form=_form(person))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(Person, pk=pk)
        form = _form(person, request.POST)
        if not form.is_valid():
            return self.page(person=person, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return _asked(request, person, form.override)


def _form(person: Person, data: Any = None) -> AskByForm:
    held = CnsNumber.objects.current().filter(person=person).values_list("number", flat=True).first()
    return AskByForm(data, person=person, known_cns=held or "")


def _asked(request: PortalRequest, person: Person, by: SearchOverride | None = None) -> HttpResponse:
    asked = ask_cns(
        [person.pk], reason=LookupReason.REQUESTED, priority=Priority.INTERACTIVE, actor=request.user, by=by
    )
    if by and Lookup.objects.running().filter(person=person).exclude(**by.columns()).exists():
        messages.warning(request, "Uma consulta por outro dado está em andamento. Quando ela terminar, peça de novo.")
    elif person.pk in asked:
        messages.success(request, f"A consulta ao DATASUS está na frente da fila{_pause_note()}.")
    else:
        messages.error(request, TOO_LITTLE)
    return redirect("beneficiaries:person", request.operator.registration, person.pk)


def _pause_note() -> str:
    pause = pause_in_force()
    if pause is None:
        return ""
    return f" e segue quando a pausa terminar, em {format_datetime_in_sentence(timezone.localtime(pause.until))}"


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    lookups = list(person.lookups.select_related("requested_by").order_by("-pk")[:MAX_LOOKUPS])
    waits = bool(lookups) and lookups[0].status in {Status.QUEUED, Status.WAITING}
    return {
        "person": person,
        "lookups": lookups,
        "held": link_notice() if waits else None,
        "candidates": _candidates(lookups),
        "calls": _calls(lookups),
    }


def _candidates(lookups: list[Lookup]) -> list[Candidate]:
    """The people of the last answer, where none of them was taken for this person."""
    last = next((lookup for lookup in lookups if lookup.status == Status.DONE), None)
    return list(last.candidates.order_by("position")) if last and not last.attached else []


def _calls(lookups: list[Lookup]) -> list[tuple[Exchange, str]]:
    """Each call, newest first, and what came of it in words."""
    calls = Exchange.objects.filter(lookup__in=lookups).select_related("credential", "lookup__requested_by")
    return [(call, _in_words(call)) for call in calls.order_by("-pk")[:MAX_CALLS]] if lookups else []


def _in_words(call: Exchange) -> str:
    if call.milliseconds is None:
        return "saiu e não se sabe o que veio"
    if not call.trouble:
        return "ninguém foi encontrado" if not call.persons else f"pessoas na resposta: {call.persons}"
    return ErrorKind[call.trouble].sentence if call.trouble in ErrorKind.__members__ else "Erro inesperado."


person_panel = Panel(Permission.VIEW_PEOPLE, "cadsus/_person.html", _of_person)
