"""Conferences of ANS: the list, how each differs, and the decision to apply it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.forms.search import SearchForm, recall
from beneficiaries.models import Person
from cnsportal.jobs import Status
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import FirstStep, Panel
from operators.views.base import JobProgress, PortalView
from operators.views.pagination import OLDEST_FIRST, PAGE_SIZE, Page, address, counted, keyset_page
from sib.domain.outcome_groups import Group, grouped
from sib.domain.reconcile import Outcome
from sib.models import UNDECIDED, CnxStep, ConferenceFile, Difference
from sib.queries.apply_summary import summarise
from sib.queries.conference_age import age_of_last
from sib.queries.differences import PageCursor, found, listed, named, outcomes_of
from sib.services.conferences.pipeline import why_superseded
from sib.services.onboarding import can_found


class ConferenceList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/conferences.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(page=keyset_page(request, ConferenceFile.objects.all()), light=age_of_last())


class ConferenceDetail(PortalView):
    """What came of one conference: counts that are filters, the records that are not equal, unreadable values."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/conference.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile.objects.select_related("compared_with", "reverted_by"), pk=pk)
        done, waiting = summarise(file), is_waiting(file)
        superseded = why_superseded(file) if waiting else ""
        shows_issues = request.GET.get("ver") == "ilegiveis"
        return self.page(
            file=file,
            tally=done,
            groups=grouped(file.outcomes, done.left),
            coverage=coverage(file),
            applicable=waiting and not superseded,
            superseded=superseded,
            waiting=waiting,
            can_found=can_found(file),
            foundings=file.foundings.order_by("-pk"),
            undo_blockers=undo_blockers(file),
            shows_issues=shows_issues,
            **(
                {"page": keyset_page(request, file.issues.all(), OLDEST_FIRST)}
                if shows_issues
                else _differences(request, file)
            ),
        )


class SearchDifferences(PortalView):
    """Takes the words out of the request's body and gives the list an address that does not tell them."""

    permission = Permission.VIEW_IMPORTS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        form = SearchForm(request.POST)
        if not form.is_valid():
            messages.error(request, "A busca tem mais de 150 letras. Use parte do nome ou um número.")
        token = form.stash(request) if form.is_valid() else ""
        target = reverse("sib:conference", args=[request.operator.registration, pk])
        query = f"?{urlencode({'busca': token})}" if token else ""
        return redirect(f"{target}{query}#diferencas")


class ConferenceProgress(JobProgress):
    permission = Permission.VIEW_IMPORTS
    model = ConferenceFile


def is_waiting(file: ConferenceFile) -> bool:
    """Whether the rehearsal is over and something may still be decided."""
    return file.step == CnxStep.REHEARSED and file.status in UNDECIDED


RENAMED = {"sib:sbx": "sib:sbx_file"}
"""Names of addresses that conferences still hold, and what they are called now."""


def undo_blockers(file: ConferenceFile) -> list[dict[str, Any]]:
    """What kept the conference from being undone, person by person."""
    people = Person.objects.in_bulk([each["person_id"] for each in file.standing]) if file.standing else {}
    known = [each for each in file.standing if each["person_id"] in people]
    return [
        {**each, "person": people[each["person_id"]], "page": RENAMED.get(each["page"], each["page"])} for each in known
    ]


def _differences(request: PortalRequest, file: ConferenceFile) -> dict[str, Any]:
    token, outcome, group = (request.GET.get(key, "") for key in ("busca", "resultado", "grupo"))
    text = recall(request, token) if token else ""
    outcomes = outcomes_of(file, outcome=outcome, group=group)
    after = PageCursor.read(request.GET.get("depois", ""))
    rows, onward = listed(file, outcomes, PAGE_SIZE, after=after, text=text)
    total = (
        counted(found(file, text).filter(outcome__in=outcomes))
        if text
        else sum(file.outcomes[name] for name in outcomes)
    )
    first, following = address(request, depois=None), address(request, depois=onward)
    return {
        "page": Page(rows, total, first if after else "", following if onward else ""),
        "names": named(rows),
        "chosen": _title(outcome, group),
        "searched": text,
        "expired": bool(token) and not text,
    }


def _title(outcome: str, group: str) -> str:
    """What the list is narrowed to."""
    if outcome in Outcome.__members__:
        return str(Outcome[outcome].value)
    return Group[group].title if group in Group.__members__ else ""


def coverage(file: ConferenceFile) -> dict[str, Any]:
    """People with an active link who have a CNS: before, and once all is applied; for words and meter."""
    known = file.coverage
    if not known.get("active"):
        return {}
    active, before, after = (known[key] for key in ("active", "before", "after"))
    widths = [100 * part / active for part in (before, after - before, active - after)]
    starts = [0.0, widths[0], widths[0] + widths[1]]
    segments = zip(("good", "accent", "neutral"), starts, widths, strict=True)
    return {
        "active": active,
        "gained": after - before,
        "before": widths[0],
        "after": widths[0] + widths[1],
        "segments": [{"tone": tone, "start": start, "width": width} for tone, start, width in segments],
    }


def _last(request: PortalRequest) -> dict[str, Any]:
    return {"light": age_of_last(), "href": reverse("sib:conferences", args=[request.operator.registration])}


def _of_person(_request: PortalRequest, person: Any) -> dict[str, Any]:
    differences = Difference.objects.filter(person=person).select_related("file")
    return {"differences": differences.order_by("-pk")[:5]}


conference_panel = Panel(Permission.VIEW_IMPORTS, "sib/_conference_panel.html", _last)
person_panel = Panel(Permission.VIEW_IMPORTS, "sib/_person.html", _of_person)
first_step = FirstStep(
    "Enviar a primeira conferência (CNX)",
    "O que a ANS tem da operadora. Peça o arquivo à ANS e envie-o aqui: o ensaio não muda nada.",
    "sib:conference_upload",
    Permission.APPLY_IMPORT,
    lambda: ConferenceFile.objects.exclude(status=Status.FAILED).exists(),
)
