"""The operator's file brought in by a page: sent, its columns named once, rehearsed, looked at, confirmed or not."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.forms.imports import ColumnsForm, ImportUploadForm
from beneficiaries.models import ImportRun, LineResult
from beneficiaries.services.csv_import import upload
from beneficiaries.services.csv_import.import_jobs import cancel_import
from beneficiaries.services.csv_import.import_lines import MAX_LINES_SHOWN
from beneficiaries.services.csv_import.receipt import record_receipt_download
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import JobProgress, PortalView
from operators.views.facets import facets
from operators.views.pagination import OLDEST_FIRST, Page, keyset_page

RECEIVED = "A planilha chegou e está sendo ensaiada. Nada foi gravado no cadastro."
COLUMNS_WANTED = "A planilha chegou. Diga o que cada coluna quer dizer; o portal guarda para a próxima."


class ImportView(PortalView):
    permission = Permission.EDIT_PEOPLE

    def to_run(self, run: ImportRun) -> HttpResponse:
        name = "beneficiaries:import_columns" if run.needs_columns else "beneficiaries:import"
        return redirect(name, self.request.operator.registration, run.pk)


class ImportList(ImportView):
    template = "beneficiaries/imports.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(page=keyset_page(request, ImportRun.objects.select_related("requested_by")))


class UploadImport(ImportView):
    template = "beneficiaries/import_upload.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=ImportUploadForm())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = ImportUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form, status=422)
        try:
            run = upload.receive_upload(form.cleaned_data["sent"], everybody=form.everybody, actor=request.user)
        except InvalidFile as refusal:
            form.add_error("sent", str(refusal))
            return self.page(form=form, status=422)
        messages.success(request, COLUMNS_WANTED if run.needs_columns else RECEIVED)
        return self.to_run(run)


class ImportColumns(ImportView):
    template = "beneficiaries/import_columns.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=pk)
        return self.page(run=run, form=ColumnsForm(None, run=run)) if run.needs_columns else self.to_run(run)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=pk)
        form = ColumnsForm(request.POST, run=run)
        if run.needs_columns and not form.is_valid():
            return self.page(run=run, form=form, status=422)
        try:
            upload.confirm_columns(run, form.columns if run.needs_columns else {})
        except upload.CannotImport as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, RECEIVED)
        return redirect("beneficiaries:import", request.operator.registration, pk)


class ImportDetail(ImportView):
    """What would change, or what did: counts that are filters, the rows that are not simply equal."""

    template = "beneficiaries/import.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun.objects.select_related("requested_by"), pk=pk)
        if run.needs_columns:
            return self.to_run(run)
        counts = {result: run.figures[result] for result in LineResult if run.figures.get(result)}
        shown = [(str(result), result.heading) for result in counts if result is not LineResult.UNCHANGED]
        listed = {result: counts[LineResult(result)] for result, _ in shown}
        return self.page(
            run=run,
            figures=[(result.heading, count) for result, count in counts.items()],
            results=facets(request, "resultado", shown, every="Todas", counts=listed),
            is_cut=any(count > MAX_LINES_SHOWN for count in listed.values()),
            max_lines=MAX_LINES_SHOWN,
            page=_lines(request, run, listed),
        )


def _lines(request: PortalRequest, run: ImportRun, listed: dict[str, int]) -> Page:
    result = request.GET.get("resultado", "")
    chosen = {result: listed[result]} if result in listed else listed
    total = sum(min(count, MAX_LINES_SHOWN) for count in chosen.values())
    return keyset_page(request, run.lines.filter(result__in=chosen), OLDEST_FIRST, total=total)


class ImportProgress(JobProgress):
    permission = Permission.EDIT_PEOPLE
    model = ImportRun


class DownloadImportReceipt(ImportView):
    """Every row with its answer; rows that were rejected stand there as they came, with their numbers in full."""

    permission = Permission.UNMASK
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponseBase:
        run = get_object_or_404(ImportRun, pk=pk)
        if not run.has_receipt:
            raise Http404
        record_receipt_download(run, request.user)
        return FileResponse(Path(run.receipt).open("rb"), as_attachment=True, filename=f"recibo-importacao-{pk}.csv")


class ImportDecision(ImportView, ABC):
    """One step further, where the import waits for it."""

    http_method_names = ("post",)
    done: ClassVar[str]

    @abstractmethod
    def decide(self, run: ImportRun) -> None:
        """Raises CannotImport."""

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=pk)
        try:
            self.decide(run)
        except upload.CannotImport as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, self.done)
        return redirect("beneficiaries:import", request.operator.registration, pk)


class ConfirmImport(ImportDecision):
    done = "A planilha está sendo importada. Esta página mostra o andamento."

    def decide(self, run: ImportRun) -> None:
        upload.confirm_import(run, actor=self.request.user)


class RehearseImport(ImportDecision):
    done = RECEIVED

    def decide(self, run: ImportRun) -> None:
        upload.rehearse_again(run)


class CancelImport(ImportDecision):
    done = "Importação cancelada. Nada dela foi gravado."

    def decide(self, run: ImportRun) -> None:
        if not cancel_import(run):
            raise upload.CannotImport("Esta importação já terminou.")
