"""The list of people: live search, filters, columns, keyset pagination."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from beneficiaries.forms.people_filters import PeopleFilterForm
from beneficiaries.forms.search import SearchForm, recall
from beneficiaries.models import Beneficiary, CnsNumber, PendingReason, Person
from beneficiaries.models.pending import may_have
from beneficiaries.models.people import PersonQuerySet
from beneficiaries.models.person_search import search_ways
from beneficiaries.queries.fixes import Fix, needs_fix
from beneficiaries.queries.people_filters import Counts, conditions_of, count_values
from beneficiaries.queries.worklists import Worklist, in_worklist
from beneficiaries.views import people_columns
from beneficiaries.views.dashboard import reasons_of
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import Facet, facets
from operators.views.pagination import PAGE_SIZE, Order, Page, address, keyset_page, lately_counted
from operators.views.sorting import SortHead, sort_head

MAX_FOUND = 1_000  # people of a search; of more nobody reads the list
STATES = (("verificado", "CNS verificado"), ("nao-verificado", "CNS não verificado"), ("sem", "Sem CNS"))
ORDERS = {
    "nome": Order("name_key", "pk"),
    "-nome": Order("-name_key", "-pk"),
    "nascimento": Order("birth_date", "pk"),
    "-nascimento": Order("-birth_date", "-pk"),
    "entrada": Order("pk"),
    "-entrada": Order("-pk"),
}
ORDER_LABELS = {
    "nome": "Nome, de A a Z",
    "-nome": "Nome, de Z a A",
    "nascimento": "Mais velhas primeiro",
    "-nascimento": "Mais novas primeiro",
    "-entrada": "Últimas a entrar no cadastro",
    "entrada": "Primeiras a entrar no cadastro",
}
BY_NAME = "nome"
FACETS = ("cns", "vinculo", "motivo", "lista", "correcao")
FILTERS = (*FACETS, *PeopleFilterForm.base_fields)
"""Keys of the address that narrow the list, but for the words of a search."""
PANEL, CHOSEN = "filtros", "ver"
KEPT_COLUMNS = "people_columns"  # in the session
LINKS = (("ativo", "Vínculo ativo"), ("inativo", "Só vínculos cancelados"))


class PersonList(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/people.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        if request.GET.get(PANEL) == CHOSEN:
            return redirect(_chosen_address(request))
        if people_columns.KEY not in request.GET and (kept := request.session.get(KEPT_COLUMNS)):
            shown = request.GET.copy()
            shown[people_columns.KEY] = kept
            request.GET = shown  # type: ignore[assignment]  # every link and the export of the page say them
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


def _chosen_address(request: PortalRequest) -> str:
    """Of what was chosen in the panel: without blanks, the columns as one value, which is kept for the next time."""
    query = request.GET.copy()
    kept = ",".join(name for name in query.pop("coluna", []) if name in people_columns.COLUMNS)
    query[people_columns.KEY] = request.session[KEPT_COLUMNS] = kept or people_columns.NONE
    for key in [key for key, value in query.items() if not value or key in (PANEL, "antes", "depois")]:
        del query[key]
    return f"{request.path}?{query.urlencode()}"


def listing(request: PortalRequest, query: str) -> dict[str, Any]:
    page = shortlisted(request, query) if query else sorted_page(request, people_found("", request.GET))
    columns = people_columns.chosen_columns(request.GET)
    for person in page.rows:
        person.cells = [column.values(person) for column in columns]
    return {
        "query": query,
        "live_search": True,
        "page": page,
        "columns": columns,
        **_filters(request, query),
        "heads": {} if query else _heads(request),
        "worklists": _worklists(request),
        "states": facets(request, "cns", STATES),
        "links": facets(request, "vinculo", LINKS, every="Com ou sem vínculo"),
        "reasons": [] if request.GET.get("cns") != "sem" else _reasons(request, is_searched=bool(query)),
    }


def _filters(request: PortalRequest, words: str) -> dict[str, Any]:
    """What narrows the list, each with its way out; and, where it is asked for, the panel with counted values."""
    form = PeopleFilterForm(request.GET)
    narrowing = [
        Facet(said, address(request, antes=None, depois=None, **{name: None}), current=True)
        for name, said in form.in_words().items()
    ]
    if PANEL not in request.GET:
        return {"narrowing": narrowing, "panel_href": address(request, **{PANEL: "1"})}
    form.offer(_counted_values(request, words))
    return {
        "narrowing": narrowing,
        "panel": form,
        "panel_href": address(request, **{PANEL: None}),
        "kept": [(key, request.GET[key]) for key in ("busca", *FACETS) if key in request.GET],
        "orders": [(name, label, name == request.GET.get("ordem", BY_NAME)) for name, label in ORDER_LABELS.items()],
        "all_columns": people_columns.COLUMNS.values(),
    }


def _counted_values(request: PortalRequest, words: str) -> Counts:
    """Of the people that the list shows; of many, as it was a short while ago."""
    today = timezone.localdate()
    if words:
        return count_values(Person.objects.filter(pk__in=shortlist(words, request.GET, MAX_FOUND)), today=today)
    kept = {key: value for key, value in sorted(request.GET.items()) if key in FILTERS}
    key = f"people:values:{today}:{sha256(urlencode(kept).encode()).hexdigest()}"
    return lately_counted(request, key, lambda: count_values(people_found("", request.GET), today=today))


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
    for key, kind in (("lista", Worklist), ("correcao", Fix)):
        if chosen := kind.of(request.GET.get(key, "")):
            return facets(request, key, [(chosen.value, chosen.label)], every="Todas as pessoas")
    return []


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
    }
    chosen: list[Any] = [condition for (key, value), condition in conditions.items() if query.get(key) == value]
    if reasons := chosen_reasons(query):
        chosen.append(may_have(*reasons) & Q(pending__in=reasons))
    if worklist := Worklist.of(query.get("lista", "")):
        chosen.append(in_worklist(worklist, today=timezone.localdate()))
    if fix := Fix.of(query.get("correcao", "")):
        chosen += [needs_fix(fix), links, ~Exists(numbers)]
    chosen += conditions_of(PeopleFilterForm(query).cleaned_data, today=timezone.localdate())
    return people.with_pending().filter(*chosen)


def chosen_reasons(query: Mapping[str, str]) -> list[PendingReason]:
    """One, or several with commas between them."""
    asked = query.get("motivo", "").split(",")
    return [reason for reason in PendingReason if reason.value in asked]


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

    Whom it means most closely comes first, and whom it means alike in the order of names. Nobody is sorted before the
    search has ended: of a common name all would have to be read.
    """
    is_narrowed = any(query.get(key) for key in FILTERS)
    found: list[int] = []
    for way in search_ways(words, most=None if is_narrowed else most + 1):
        if len(found) > most:
            break
        others = filtered(Person.objects.filter(way), query).exclude(pk__in=found)
        found += [pk for _, pk in sorted((name, pk) for pk, name in _some(others, most + 1 - len(found)))]
    return found


def _some(people: PersonQuerySet, most: int) -> QuerySet[Person, tuple[int, str]]:
    return people.order_by().values_list("pk", "name_key")[:most]


def with_numbers(people: QuerySet[Person]) -> QuerySet[Person]:
    """Each with ``current_numbers`` (none or one) and ``active_links``, in two more queries however many they are."""
    related = ("plan", "contract__company", "holder__person")
    links: QuerySet[Beneficiary] = Beneficiary.objects.active().select_related(*related).order_by("pk")
    numbers: QuerySet[CnsNumber] = CnsNumber.objects.current()
    return people.prefetch_related(
        Prefetch("cns_numbers", numbers, to_attr="current_numbers"), Prefetch("links", links, to_attr="active_links")
    )
