"""Results of ANS (RPX): what was accepted, what was rejected, why, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.models import Person
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.views.base import JobProgress, PortalView
from operators.views.facets import facets
from operators.views.pagination import keyset_page
from sib.domain.criticas import FINDINGS, UNKNOWN, Explanation, of_field, of_refusal
from sib.forms.results import ResultUploadForm
from sib.models import Rejection, Result, RpxFile
from sib.models.answers import RECORD_TYPES, RejectionQuerySet
from sib.queries.criticas import explained
from sib.services.results.receive import receive_upload, resolve_rejections
from sib.services.results.rejections_export import csv_lines, record_export

TAKEN = "O arquivo chegou e está sendo lido. Esta página mostra o andamento."
KNOWN = "Este resultado já tinha sido recebido. Nada foi lido de novo."
MAX_ON_PERSON = 10


class ResultList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/results.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, RpxFile.objects.select_related("sbx"))
        return self.page(page=page, pending=Rejection.objects.pending().exists())


class UploadResult(PortalView):
    permission = Permission.RECEIVE_ANSWERS
    template = "sib/result_upload.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=ResultUploadForm())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = ResultUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form, status=422)
        file, is_new = receive_upload(form.cleaned_data["sent"], actor=request.user)
        messages.success(request, TAKEN) if is_new else messages.info(request, KNOWN)
        return redirect("sib:result", request.operator.registration, file.pk)


class ResultDetail(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/result.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(RpxFile.objects.select_related("sbx", "received_by"), pk=pk)
        return self.page(
            file=file,
            counts=_counts(file),
            refusal=of_refusal(file.refusal_code) if file.result == Result.REFUSED else None,
            findings=_findings(file),
            **_listed(request, file.rejections.all()),
        )


class ResultProgress(JobProgress):
    permission = Permission.VIEW_IMPORTS
    model = RpxFile


class DownloadRejections(PortalView):
    """The rejections of one answer as a file."""

    permission = Permission.VIEW_IMPORTS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> StreamingHttpResponse:
        file = get_object_or_404(RpxFile, pk=pk)
        record_export(file, actor=request.user)
        response = StreamingHttpResponse(csv_lines(file), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="recusas-{file.pk}.csv"'
        return response


class RejectionList(PortalView):
    """Of all answers what is not resolved yet, or all of it."""

    permission = Permission.VIEW_IMPORTS
    template = "sib/rejections.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        shows_all = request.GET.get("ver") == "todas"
        which = facets(request, "ver", [("todas", "Todas")], every="Pendentes")
        return self.page(which=which, shows_all=shows_all, **_listed(request, _which(request.GET)))


class ResolveRejection(PortalView):
    """Somebody resolved it in another way."""

    permission = Permission.RECEIVE_ANSWERS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        rejection = get_object_or_404(Rejection, pk=pk)
        if resolve_rejections(rejection, actor=request.user):
            messages.success(request, "Recusa dada por resolvida. Ela continua na lista de todas.")
        else:
            messages.info(request, "Esta recusa já estava resolvida.")
        return redirect("sib:rejections", request.operator.registration)


# ---- what the pages show --------------------------------------------------------------------------------------------


def _listed(request: PortalRequest, rows: "QuerySet[Rejection]") -> dict[str, Any]:
    """Some rejections, narrowed to a field and an error where the address asks for it."""
    by_field = dict(rows.order_by().values_list("field_code").annotate(Count("pk")))
    field = request.GET.get("campo", "")
    fields = [(code, field_title(code)) for code in sorted(by_field) if code]
    errors: dict[str, int] = {}
    if field and field in by_field:
        of_this = rows.filter(field_code=field).order_by()
        errors = dict(of_this.values_list("error_code").annotate(Count("pk")))
    page = keyset_page(request, _narrowed(request.GET, rows))
    return {
        "page": page,
        "rejections": explained(page.rows),
        "fields": facets(request, "campo", fields, every="Todos os campos", counts=by_field),
        "errors": facets(request, "erro", [(code, code) for code in sorted(errors) if code], counts=errors)
        if len(errors) > 1
        else [],
        "types": RECORD_TYPES,
    }


def _which(query: Mapping[str, str]) -> RejectionQuerySet:
    every: RejectionQuerySet = Rejection.objects.all()
    return every if query.get("ver") == "todas" else every.pending()


def _narrowed(query: Mapping[str, str], rows: "QuerySet[Rejection]") -> "QuerySet[Rejection]":
    """To a field, and to an error within it; what nobody has narrows nothing."""
    for key, column in (("campo", "field_code"), ("erro", "error_code")):
        within = rows.filter(**{column: query.get(key, "")})
        if not query.get(key) or not within.exists():
            break
        rows = within
    return rows.select_related("person", "rpx")


def found_rejections(query: Mapping[str, str]) -> "QuerySet[Rejection]":
    """Of all answers, as the address narrows them."""
    return _narrowed(query, _which(query))


def field_title(code: str) -> str:
    explanation = of_field(code)
    return f"Campo {code}" if explanation is UNKNOWN else explanation.title


@dataclass(frozen=True, slots=True)
class CountRow:
    """One type of movement: ours, and what the summary of ANS says."""

    label: str
    sent: int
    accepted: int
    rejected: int
    stated: str


def _counts(file: RpxFile) -> list[CountRow]:
    return [
        CountRow(
            RECORD_TYPES.get(kind, "outra"),
            counted["sent"],
            max(0, counted["sent"] - counted["rejected"]) if file.result == Result.PROCESSED else 0,
            counted["rejected"],
            "enviadas {}, aceitas {}, recusadas {}".format(*counted["stated"]) if counted["stated"] else "",
        )
        for kind, counted in sorted(file.counts.items())
    ]


@dataclass(frozen=True, slots=True)
class FindingRow:
    explanation: Explanation
    person: Person | None
    cco: str


def _findings(file: RpxFile) -> list[FindingRow]:
    people = Person.objects.in_bulk([finding["person"] for finding in file.findings if finding["person"]])
    return [FindingRow(FINDINGS[each["kind"]], people.get(each["person"]), each["cco"]) for each in file.findings]


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    """What ANS has against the person and nobody has resolved."""
    rows = Rejection.objects.pending().filter(person=person).select_related("person", "rpx").order_by("-pk")
    found = explained(rows[:MAX_ON_PERSON])
    return {"rejections": found, "types": RECORD_TYPES} if found else {}


rejections_panel = Panel(Permission.VIEW_IMPORTS, "sib/_person_rejections.html", _of_person)
