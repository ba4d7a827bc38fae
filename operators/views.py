"""The base view of an operator's pages, keyset pagination, facets, panels, and pages that belong to no single app."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from cnsportal.formats.text import key_of
from cnsportal.jobs import Job
from cnsportal.web.stale_cache import last_own_change, stale_while_revalidate
from operators.audit import EventKind
from operators.middleware import PortalRequest, require_operator
from operators.models import AuditEvent, Operator
from operators.permissions import Permission
from operators.registry import PANELS, PERSON_PAGE, Panel, Slot

T = TypeVar("T")
PAGE_SIZE = 50
COUNTED_UP_TO = 10_000


class PortalView(View):
    """A page under ``/o/<registration>/``: names its permission; 404 for strangers, 403 with a sentence for others."""

    permission: ClassVar[Permission]
    template: ClassVar[str]
    request: PortalRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        require_operator(request)
        kwargs.pop("registration")
        if self.permission not in cast("PortalRequest", request).permissions:
            raise PermissionDenied(f"Seu perfil não permite {self.permission.value} nesta operadora.")
        return super().dispatch(request, *args, **kwargs)

    def may(self, permission: Permission) -> bool:
        return permission in self.request.permissions

    def page(self, *, fragment: str = "", status: int = 200, **context: Any) -> HttpResponse:
        """The template, or to htmx its fragment alone."""
        if fragment and self.request.htmx:  # type: ignore[attr-defined]
            return render(self.request, fragment, context, status=status)
        context["banners"] = filled_panels(PANELS[Slot.BANNERS], self.request)
        return render(self.request, self.template, context, status=status)


class JobProgress(PortalView):
    """Progress polling: the bar of a job alone. When the job is over the whole page is asked for, once."""

    model: ClassVar[type[Job]]
    template = "components/progress.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        job = get_object_or_404(self.model, pk=pk)
        response = self.page(fragment=self.template, job=job, address=request.path)
        if not job.is_active and request.htmx:  # type: ignore[attr-defined]
            response["HX-Refresh"] = "true"
        return response


def _to_login(request: HttpRequest) -> HttpResponse:
    """A fragment must not swallow the login page: htmx is told to go there."""
    target = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    return HttpResponseClientRedirect(target.url) if request.htmx else target  # type: ignore[attr-defined]


# ---- pages of a list --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a long list; ``total`` stops counting at COUNTED_UP_TO, and then there are ``more_than``."""

    rows: list[Any]
    total: int
    first: str
    next: str

    @property
    def more_than(self) -> bool:
        return self.total >= COUNTED_UP_TO


def newest_first(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE) -> Page:
    """Rows by falling primary key; the page after goes on below the last key shown, without an offset."""
    before = key_of(request.GET.get("antes", ""))
    shown = rows if before is None else rows.filter(pk__lt=before)
    found = list(shown.order_by("-pk")[: size + 1])
    onward = address(request, antes=found[size - 1].pk) if len(found) > size else ""
    return Page(found[:size], counted(rows), address(request, antes=None) if before is not None else "", onward)


def lately_counted(request: PortalRequest, key: str, count: Callable[[], T]) -> T:
    """A count of the operator's that all who look share; what the reader did last is in it."""
    deed = last_own_change(request.operator.pk, request.user.pk)
    return stale_while_revalidate(f"{key}:{request.operator.pk}", count, since=deed)


def counted(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("pk")[:COUNTED_UP_TO].count()


def address(request: HttpRequest, **changes: object) -> str:
    """The same page with parts of its query changed; None takes one away."""
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that a list may be narrowed to."""

    label: str
    href: str
    current: bool
    count: int | None = None


def facets(
    request: HttpRequest,
    key: str,
    choices: Iterable[tuple[str, str]],
    *,
    every: str = "Todas",
    counts: dict[str, int] | None = None,
) -> list[Facet]:
    """The choices of one filter, all of them first; choosing one leaves the page number behind."""
    known = counts or {}
    return [
        Facet(
            label,
            address(request, antes=None, depois=None, **{key: value or None}),
            value == request.GET.get(key, ""),
            None if counts is None else (known.get(value, 0) if value else sum(known.values())),
        )
        for value, label in [("", every), *choices]
    ]


# ---- panels: what other apps contribute to a page -------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FilledPanel:
    template: str
    context: dict[str, Any]


def filled_panels(panels: Iterable[Panel], request: PortalRequest, *subject: Any) -> list[FilledPanel]:
    """Those that the reader may see; an empty context is a panel with nothing to show."""
    allowed = [panel for panel in panels if panel.permission in request.permissions]
    filled = [FilledPanel(panel.template, panel.context(request, *subject)) for panel in allowed]
    return [panel for panel in filled if panel.context]


class Dashboard(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "operators/dashboard.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        slots = (Slot.WIDE, Slot.TILES, Slot.TODO)
        panels: dict[str, Any] = {slot.value: filled_panels(PANELS[slot], request) for slot in slots}
        return self.page(**panels)


class AuditTrail(PortalView):
    permission = Permission.VIEW_AUDIT
    template = "operators/audit.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        kind = request.GET.get("tipo", "")
        events = AuditEvent.objects.all()
        page = newest_first(request, events.filter(kind=kind) if kind else events)
        moments = [(event, EventKind.of(event.kind).label) for event in page.rows]
        kinds = [(kind.code, kind.label) for kind in EventKind]
        return self.page(page=page, moments=moments, kinds=kinds, chosen=kind, person_page=PERSON_PAGE.url_name)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the reader's operator, or to a choice where there are several or none."""
    operators = list(Operator.objects.filter(memberships__user=request.user.pk).distinct().order_by("trade_name"))
    if len(operators) == 1:
        return redirect("operators:dashboard", operators[0].registration)
    return render(request, "operators/choose_operator.html", {"operators": operators})
