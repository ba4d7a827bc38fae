"""The list of people: live search, filters, keyset pagination."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from beneficiaries.forms.search import SearchForm, recall
from beneficiaries.models import Beneficiary, CnsNumber, PendingReason, Person
from beneficiaries.models.people import PersonQuerySet
from beneficiaries.queries.worklists import Worklist, in_worklist
from beneficiaries.views.dashboard import reasons_of
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import Facet, facets
from operators.views.pagination import PAGE_SIZE, Page, address, counted

MIN_WORD_LETTERS = 3  # letters that the index of words needs at least
STATES = (("verificado", "CNS verificado"), ("nao-verificado", "CNS não verificado"), ("sem", "Sem CNS"))
LINKS = (("ativo", "Vínculo ativo"), ("inativo", "Só vínculos cancelados"))


class PersonList(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/people.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        token = request.GET.get("busca", "")
        query = recall(request, token) if token else ""
        expired = bool(token) and not query
        return self.page(fragment="beneficiaries/_people.html", **listing(request, query), expired=expired)


class PersonSearch(PortalView):
    """Takes the words out of the request's body and gives the list an address that does not tell them."""

    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/people.html"

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SearchForm(request.POST)
        if not form.is_valid():
            return self.page(**listing(request, ""), too_long=True, status=422)
        token = form.stash(request)
        target = reverse("beneficiaries:people", args=[request.operator.registration])
        return redirect(f"{target}?{urlencode({'busca': token})}" if token else target)


def listing(request: PortalRequest, query: str) -> dict[str, Any]:
    people = people_found(query, request.GET)
    return {
        "query": query,
        "live_search": True,
        "page": by_name(request, people, is_searched=len(query) >= MIN_WORD_LETTERS),
        "worklists": _worklists(request),
        "states": facets(request, "cns", STATES),
        "links": facets(request, "vinculo", LINKS, every="Com ou sem vínculo"),
        "reasons": [] if request.GET.get("cns") != "sem" else _reasons(request, is_searched=bool(query)),
    }


def _reasons(request: PortalRequest, *, is_searched: bool) -> list[Facet]:
    """Those that somebody has, with how many, of the links that the list is narrowed to; what is searched is not
    counted, and all of them are offered.
    """
    chips = [(reason.value, reason.chip) for reason in PendingReason]
    if is_searched:
        return facets(request, "motivo", chips, every="Todos os motivos")
    linked = {"ativo": True, "inativo": False}.get(request.GET.get("vinculo", ""))
    counts = reasons_of(request, active=linked)
    offered = [each for each in chips if each[0] in {*counts, request.GET.get("motivo")}]
    return facets(request, "motivo", offered, every="Todos os motivos", counts=counts)


def _worklists(request: PortalRequest) -> list[Facet]:
    """The one that the list is narrowed to, with the way out of it."""
    chosen = Worklist.of(request.GET.get("lista", ""))
    return facets(request, "lista", [(chosen.value, chosen.label)], every="Todas as pessoas") if chosen else []


def people_found(words: str, query: Mapping[str, str]) -> PersonQuerySet:
    """By what was searched, and narrowed as the address says; what it does not know narrows nothing."""
    people: PersonQuerySet = Person.objects.search(words) if words else Person.objects.all()
    numbers = CnsNumber.objects.current().filter(person=OuterRef("pk"))
    links = Exists(Beneficiary.objects.active().filter(person=OuterRef("pk")))
    conditions = {
        ("cns", "verificado"): Exists(numbers.filter(verified=True)),
        ("cns", "nao-verificado"): Exists(numbers.filter(verified=False)),
        ("cns", "sem"): ~Exists(numbers),
        ("vinculo", "ativo"): links,
        ("vinculo", "inativo"): ~links,
        **{("motivo", reason.value): Q(pending=reason) for reason in PendingReason},
    }
    chosen = [condition for (key, value), condition in conditions.items() if query.get(key) == value]
    if worklist := Worklist.of(query.get("lista", "")):
        chosen.append(in_worklist(worklist, today=timezone.localdate()))
    return people.with_pending().filter(*chosen)


def by_name(request: PortalRequest, people: QuerySet[Person], *, is_searched: bool) -> Page:
    """Rows in the order of names; the page after goes on behind the last person shown, without an offset.

    What is searched is found by its words and then sorted: along the index of names it would stand all together, and
    for a SÔNIA everybody from A to R would be read before.
    """
    after = key_of(request.GET.get("depois", ""))
    shown = people
    if after is not None and (last := Person.objects.filter(pk=after).first()):
        shown = people.filter(Q(name_key__gt=last.name_key) | Q(name_key=last.name_key, pk__gt=last.pk))
    name = Concat("name_key", Value("")) if is_searched else F("name_key")
    found = list(with_numbers(shown.order_by(name, "pk"))[: PAGE_SIZE + 1])
    onward = address(request, depois=found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    return Page(found[:PAGE_SIZE], counted(people), address(request, depois=None) if after is not None else "", onward)


def with_numbers(people: QuerySet[Person]) -> QuerySet[Person]:
    """Each with ``current_numbers`` (none or one) and ``active_links``, in two more queries however many they are."""
    links: QuerySet[Beneficiary] = Beneficiary.objects.active().select_related("plan").order_by("pk")
    numbers: QuerySet[CnsNumber] = CnsNumber.objects.current()
    return people.prefetch_related(
        Prefetch("cns_numbers", numbers, to_attr="current_numbers"), Prefetch("links", links, to_attr="active_links")
    )
