"""The receipt of a conference as a file: masked for everybody, in full for a stated reason."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404

from operators.forms.exports import ExportForm
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from sib.models import ConferenceFile
from sib.services.conferences.receipt import csv_lines, record_export, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DownloadReceipt(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/conference_receipt.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        return self.page(file=file, form=ExportForm(may_unmask=self.may(Permission.UNMASK)))

    def post(self, request: PortalRequest, pk: int) -> HttpResponseBase:
        file = get_object_or_404(ConferenceFile, pk=pk)
        form = ExportForm(request.POST, may_unmask=self.may(Permission.UNMASK))
        if not form.is_valid():
            return self.page(file=file, form=form, status=422)
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]
        record_export(file, kind=kind, in_full=bool(reason), reason=reason, actor=request.user)
        send = _workbook if kind == "xlsx" else _lines
        return send(file, in_full=bool(reason))


def _lines(file: ConferenceFile, *, in_full: bool) -> HttpResponseBase:
    response = StreamingHttpResponse(csv_lines(file, in_full=in_full), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="recibo-{file.pk}.csv"'
    return response


def _workbook(file: ConferenceFile, *, in_full: bool) -> HttpResponseBase:
    """Sent from a file that has no name any more: it is gone with the response."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recibo.xlsx"
        write_xlsx(file, path, in_full=in_full)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"recibo-{file.pk}.xlsx", content_type=XLSX)
