"""The mirror: what ANS has by its last conference, and what changed since the one before."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.forms.search import SearchForm, recall
from beneficiaries.models import Beneficiary
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import PortalView
from operators.views.facets import facets
from operators.views.pagination import OLDEST_FIRST, Order, keyset_page
from sib.models import ConferenceFile, MirrorChange, MirrorRecord
from sib.queries.mirror import describe_changes, last_with_changes, links_of, search, side_by_side

KINDS = [(kind.value, label) for kind, label in zip(MirrorChange.Kind, ("Novos", "Mudaram", "Saíram"), strict=True)]

BY_CCO = Order("cco", "pk")


class MirrorList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/mirror.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        token = request.GET.get("busca", "")
        text = recall(request, token) if token else ""
        page = keyset_page(request, found_records(text), BY_CCO)
        last = ConferenceFile.objects.latest_mirrored()
        return self.page(
            page=page, links=links_of(page.rows), last=last, searched=text, expired=bool(token) and not text
        )


class SearchMirror(PortalView):
    """Takes the words out of the request's body and gives the list an address that does not tell them."""

    permission = Permission.VIEW_IMPORTS

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SearchForm(request.POST)
        token = form.stash(request) if form.is_valid() else ""
        target = reverse("sib:mirror", args=[request.operator.registration])
        return redirect(f"{target}?{urlencode({'busca': token})}" if token else target)


class MirrorDetail(PortalView):
    """One record in full beside our person."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/mirror_record.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        record = get_object_or_404(MirrorRecord, pk=pk)
        ours = Beneficiary.objects.filter(cco=record.cco)
        link = ours.select_related("person", "plan", "contract__company").first()
        changes = MirrorChange.objects.filter(cco=record.cco).select_related("file").order_by("-pk")[:20]
        return self.page(
            record=record, link=link, fields=side_by_side(record, link), changes=describe_changes(list(changes))
        )


class MirrorChanges(PortalView):
    template = "sib/mirror_changes.html"
    permission = Permission.VIEW_IMPORTS

    def get(self, request: PortalRequest) -> HttpResponse:
        file, rows = found_changes(request.GET)
        if file is None:
            return self.page(file=None)
        kind = request.GET.get("tipo", "")
        total = file.changes.get(kind, 0) if kind else sum(file.changes.values())
        page = keyset_page(request, rows, OLDEST_FIRST, total=total)
        kinds = facets(request, "tipo", KINDS, every="Todas", counts=file.changes)
        return self.page(file=file, page=page, changes=describe_changes(page.rows), kinds=kinds)


def found_records(words: str) -> QuerySet[MirrorRecord]:
    rows: QuerySet[MirrorRecord] = MirrorRecord.objects.all()
    return search(words) if words else rows


def found_changes(query: Mapping[str, str]) -> tuple[ConferenceFile | None, QuerySet[MirrorChange]]:
    """What the conference that the address names changed, or the last one; Http404 where there is none of this key."""
    wanted, kind = key_of(query.get("conferencia", "")), query.get("tipo", "")
    compared = ConferenceFile.objects.filter(compared_with__isnull=False).select_related("compared_with")
    file = last_with_changes() if wanted is None else get_object_or_404(compared, pk=wanted)
    kinds = {"kind": kind} if kind in MirrorChange.Kind else {}
    return file, MirrorChange.objects.filter(file=file, **kinds)


def _of_person(_request: PortalRequest, person: Any) -> dict[str, Any]:
    ccos = list(Beneficiary.objects.filter(person=person, cco__isnull=False).values_list("cco", flat=True))
    rows = MirrorChange.objects.filter(cco__in=ccos).select_related("file").order_by("-pk")[:5]
    changes = describe_changes(list(rows))
    return {"changes": changes} if changes else {}


changes_panel = Panel(Permission.VIEW_IMPORTS, "sib/_person_changes.html", _of_person)
