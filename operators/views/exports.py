"""Lists taken away as files: ordered with the filters of their page, written by a worker, downloaded for some days."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from cnsportal.formats.text import key_of
from cnsportal.jobs import Status
from operators.forms.exports import ExportForm
from operators.middleware import PortalRequest
from operators.models import ExportRun
from operators.permissions import Permission
from operators.registry import LIST_EXPORTS, ListExport
from operators.services.exports import FILE_TTL, open_export, request_export
from operators.views.base import JobProgress, PortalView
from operators.views.pagination import keyset_page

GONE = "Este arquivo já foi apagado. Exporte a lista de novo."


class ExportView(PortalView):
    """Who may export is told of every export, and downloads or cancels his or her own."""

    permission = Permission.EXPORT

    def own_run(self, pk: int) -> ExportRun:
        run: ExportRun = get_object_or_404(ExportRun, pk=pk, requested_by=self.request.user)
        return run

    def listing(self, name: str) -> ListExport:
        """One that the reader may see."""
        if name not in LIST_EXPORTS:
            raise Http404
        listing = LIST_EXPORTS[name]
        if not self.may(listing.permission):
            raise PermissionDenied(f"Seu perfil não permite {listing.permission.value} nesta operadora.")
        return listing


class ExportRunList(ExportView):
    template = "operators/exports.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, ExportRun.objects.filter(requested_by=request.user))
        return self.page(page=page, rows=[(run, LIST_EXPORTS.get(run.list_name)) for run in page.rows])


class RequestExport(ExportView):
    template = "operators/export_new.html"

    def get(self, _request: PortalRequest, name: str) -> HttpResponse:
        return self._show(self._asked(name))

    def post(self, request: PortalRequest, name: str) -> HttpResponse:
        listing = self._asked(name)
        form = self._form(listing, request.POST)
        if not form.is_valid():
            return self._show(listing, form, status=422)
        wanted, query = form.cleaned_data, request.GET.dict()
        run = request_export(listing, query, kind=wanted["kind"], reason=wanted.get("reason", ""), actor=request.user)
        return redirect("operators:export", request.operator.registration, run.pk)

    def _asked(self, name: str) -> ListExport:
        """Where the list is of one row, the address has to say of which."""
        listing = self.listing(name)
        if listing.page_key and key_of(self.request.GET.get(listing.page_key, "")) is None:
            raise Http404
        return listing

    def _form(self, listing: ListExport, data: Any = None) -> ExportForm:
        return ExportForm(data, may_unmask=self.may(Permission.UNMASK), has_numbers=listing.has_numbers)

    def _show(self, listing: ListExport, form: ExportForm | None = None, status: int = 200) -> HttpResponse:
        query = listing.kept(self.request.GET.dict())
        return self.page(
            listing=listing,
            form=form or self._form(listing),
            is_narrowed=bool(query.keys() - {listing.page_key}),
            back=listing.address(self.request.operator.registration, query),
            days=FILE_TTL.days,
            status=status,
        )


class ExportDetail(ExportView):
    template = "operators/export.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        run: ExportRun = get_object_or_404(ExportRun.objects.select_related("requested_by"), pk=pk)
        listing = self.listing(run.list_name)
        return self.page(
            run=run,
            listing=listing,
            is_own=run.requested_by == request.user,
            narrowed=urlencode(run.query),
            list_address=listing.address(self.request.operator.registration, run.query),
        )


class ExportProgress(JobProgress):
    permission = Permission.EXPORT
    model = ExportRun


class CancelExport(ExportView):
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        if ExportRun.objects.cancel(self.own_run(pk).pk):
            messages.success(request, "Exportação cancelada.")
        return redirect("operators:export", request.operator.registration, pk)


class DownloadExport(ExportView):
    """By POST: that the list left the portal goes on record."""

    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponseBase:
        run = self.own_run(pk)
        self.listing(run.list_name)
        if run.reason and not self.may(Permission.UNMASK):
            raise PermissionDenied(f"Seu perfil não permite {Permission.UNMASK.value} nesta operadora.")
        if run.status != Status.DONE:
            raise Http404
        try:
            file = open_export(run, actor=request.user)
        except FileNotFoundError:
            messages.error(request, GONE)
            return redirect("operators:export", request.operator.registration, pk)
        return FileResponse(file, as_attachment=True, filename=f"{run.list_name}-{pk}.{run.kind}")
