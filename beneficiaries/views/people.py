"""The list of people: live search, filters, keyset pagination."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
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
from operators.views.pagination import PAGE_SIZE, Order, Page, address, keyset_page
from operators.views.sorting import SortHead, sort_head

MAX_FOUND = 1_000  # people of a search; of more nobody reads the list
STATES = (("verificado", "CNS verificado"), ("nao-verificado", "CNS não verificado"), ("sem", "Sem CNS"))
ORDERS = {
    "nome": Order("name_key", "pk"),
    "-nome": Order("-name_key", "-pk"),
    "nascimento": Order("birth_date", "pk"),
    "-nascimento": Order("-birth_date", "-pk"),
}
BY_NAME = "nome"
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
    return {
        "query": query,
        "live_search": True,
        "page": shortlisted(request, query) if query else sorted_page(request, people_found("", request.GET)),
        "heads": {} if query else _heads(request),
        "worklists": _worklists(request),
        "states": facets(request, "cns", STATES),
        "links": facets(request, "vinculo", LINKS, every="Com ou sem vínculo"),
        "reasons": [] if request.GET.get("cns") != "sem" else _reasons(request, is_searched=bool(query)),
    }


def _heads(request: PortalRequest) -> dict[str, SortHead]:
    """What is searched stands in the order in which it was found."""
    columns = {"nome": "Pessoa", "nascimento": "Nascimento"}
    return {column: sort_head(request, label, column, default=BY_NAME) for column, label in columns.items()}


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
    people: PersonQuerySet = Person.objects.search_widely(words) if words else Person.objects.all()
    return filtered(people, query)


def filtered(people: PersonQuerySet, query: Mapping[str, str]) -> PersonQuerySet:
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


def sorted_page(request: PortalRequest, people: QuerySet[Person]) -> Page:
    return keyset_page(request, with_numbers(people), chosen_order(request.GET))


def chosen_order(query: Mapping[str, str]) -> Order:
    return ORDERS.get(query.get("ordem", ""), ORDERS[BY_NAME])


def shortlisted(request: PortalRequest, words: str) -> Page:
    """The people of a search, and of too many only some: whoever wants one of these has to narrow it."""
    keys = shortlist(words, request.GET, MAX_FOUND)
    after = key_of(request.GET.get("depois", ""))
    place = keys.index(after) + 1 if after in keys else 0
    people = with_numbers(Person.objects.with_pending().filter(pk__in=keys[place : place + PAGE_SIZE]))
    rows = sorted(people, key=lambda person: keys.index(person.pk))
    more = len(keys) <= MAX_FOUND and place + PAGE_SIZE < len(keys)
    onward = address(request, depois=keys[place + PAGE_SIZE - 1]) if more else ""
    first = address(request, depois=None) if place else ""
    before = place - PAGE_SIZE
    previous = address(request, depois=keys[before - 1]) if before > 0 else first
    number = -(-place // PAGE_SIZE) + 1
    return Page(rows, min(len(keys), MAX_FOUND), first, onward, MAX_FOUND, previous, number)


def shortlist(words: str, query: Mapping[str, str], most: int) -> list[int]:
    """Whom a search finds, narrowed as the address says, and no more than one above so many.

    First by what is their own, then by their mother or company, each in the order of names.

    Nobody is sorted before the search has ended: of a common name all would have to be read.
    """
    named = dict(_some(filtered(Person.objects.search(words), query), most + 1))
    others = {}
    if len(named) <= most:
        widely = filtered(Person.objects.search_widely(words), query).exclude(pk__in=named)
        others = dict(_some(widely, most + 1 - len(named)))
    return [*sorted(named, key=lambda pk: (named[pk], pk)), *sorted(others, key=lambda pk: (others[pk], pk))]


def _some(people: PersonQuerySet, most: int) -> QuerySet[Person, tuple[int, str]]:
    return people.order_by().values_list("pk", "name_key")[:most]


def with_numbers(people: QuerySet[Person]) -> QuerySet[Person]:
    """Each with ``current_numbers`` (none or one) and ``active_links``, in two more queries however many they are."""
    links: QuerySet[Beneficiary] = Beneficiary.objects.active().select_related("plan").order_by("pk")
    numbers: QuerySet[CnsNumber] = CnsNumber.objects.current()
    return people.prefetch_related(
        Prefetch("cns_numbers", numbers, to_attr="current_numbers"), Prefetch("links", links, to_attr="active_links")
    )
