"""The page of one person: identity, links, CNS history with reasons, next step."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.search import UnmaskForm
from beneficiaries.models import PendingReason, Person, Regrouping
from beneficiaries.queries.family import family_of
from beneficiaries.registry import PERSON_PANELS
from beneficiaries.services.deduplication.regrouping import latest_of
from beneficiaries.views.history import events_of, history_entries
from beneficiaries.views.next_step import next_step
from operators.audit import Event, EventKind, record
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.panels import filled_panels

MAX_HISTORY_ENTRIES = 10  # the page of the history has all of them
MERGED_AWAY = "O cadastro que você abriu foi juntado a este."


class PersonDetail(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/person.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        """A record that was merged leads to the one that has it now."""
        person = Person.objects.with_pending().filter(pk=pk).first()
        if person is None and (kept := Regrouping.objects.kept_for(pk)):
            messages.info(request, MERGED_AWAY)
            return redirect("beneficiaries:person", request.operator.registration, kept)
        person = person or _person(pk)
        if request.htmx and _waits(person):  # type: ignore[attr-defined]
            return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the page asks again by itself
        return self.show(person)

    def show(self, person: Person, *, unmasked: bool = False, unmask: UnmaskForm | None = None) -> HttpResponse:
        history = person.cns_numbers.select_related("attached_by").order_by("-attached_at", "-pk")
        numbers = sorted(history, key=lambda number: not number.is_current)  # a merge may leave the older one current
        current = next((number for number in numbers if number.is_current), None)
        links = list(person.links.select_related("plan", "contract__company").order_by("cancelled_on", "pk"))
        return self.page(
            status=200 if unmask is None or unmask.is_valid() else 422,
            person=person,
            unmasked=unmasked,
            unmask=unmask or UnmaskForm(),
            numbers=numbers,
            current=current,
            links=links,
            family=family_of(links),
            step=next_step(self.request, person, current),
            waits=_waits(person),
            regrouping=latest_of(person.pk),
            moments=history_entries(events_of(person).order_by("-pk")[:MAX_HISTORY_ENTRIES]),
            panels=filled_panels(PERSON_PANELS, self.request, person),
        )


class UnmaskPerson(PersonDetail):
    """Shows the same page with the numbers in full, once, for a reason that the audit trail keeps."""

    permission = Permission.UNMASK
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        person, form = _person(pk), UnmaskForm(request.POST)
        if not form.is_valid():
            return self.show(person, unmask=form)
        seen = Event(EventKind.PERSON_UNMASKED, "person", pk, pk, request.user, data=form.cleaned_data)
        record([seen])
        return self.show(person, unmasked=True, unmask=form)


def _person(pk: int) -> Person:
    person: Person = get_object_or_404(Person.objects.with_pending(), pk=pk)
    return person


def _waits(person: Person) -> bool:
    """Whether a question about the person is in the queue of DATASUS."""
    return person.cns_question == PendingReason.QUEUED
