"""Update files (SBX): composed by one person, approved by another, sent to ANS, answered."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from operators.audit import Event, EventKind, record
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import keyset_page
from sib.models import Movement, MovementType, SbxFile
from sib.queries.mirror import compare_fields
from sib.services.movements.update_files import NotAllowed, approve_file, discard_file, mark_sent

MAX_PREVIEWED = 50


class SbxFileList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/sbx_files.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(page=keyset_page(request, SbxFile.objects.all()))


class SbxFileDetail(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/sbx_file.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        people = ("created_by", "approved_by", "sent_by")
        file = get_object_or_404(SbxFile.objects.select_related(*people), pk=pk)
        page = keyset_page(request, Movement.objects.filter(file=file).select_related("person"), size=MAX_PREVIEWED)
        fields_by_movement = {each.pk: compare_fields(each.fields, None) for each in page.rows}
        counts = Counter(Movement.objects.filter(file=file).order_by().values_list("type", flat=True))
        by_type = [(label, counts[kind]) for kind, label in MovementType.choices]
        answers = file.answers.order_by("-pk")
        return self.page(file=file, page=page, fields_by_movement=fields_by_movement, counts=by_type, answers=answers)


class DownloadSbxFile(PortalView):
    """The file exactly as it goes to ANS: full numbers, so it is on record."""

    permission = Permission.APPROVE_MOVEMENTS

    def post(self, request: PortalRequest, pk: int) -> FileResponse | HttpResponse:
        file = get_object_or_404(SbxFile, pk=pk)
        if not Path(file.path).is_file():
            messages.error(request, "O arquivo não está mais na pasta de saída. Peça que o recuperem do backup.")
            return redirect("sib:sbx_file", request.operator.registration, pk)
        record([Event(EventKind.SBX_DOWNLOADED, "sbxfile", file.pk, actor=request.user, data={"name": file.name})])
        stream = Path(file.path).open("rb")  # noqa: SIM115  (the response closes it)
        return FileResponse(stream, as_attachment=True, filename=file.name, content_type="application/xml")


class SbxFileStep(PortalView):
    """One step of the file's way, by those who may approve."""

    permission = Permission.APPROVE_MOVEMENTS
    step: Callable[..., None]
    success_message = ""

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(SbxFile, pk=pk)
        try:
            type(self).step(file, actor=request.user)
            messages.success(request, self.success_message)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        return redirect("sib:sbx_file", request.operator.registration, pk)


class ApproveSbxFile(SbxFileStep):
    step = approve_file
    success_message = "Arquivo aprovado. Baixe-o, entregue-o à ANS pelo PTA e marque-o como enviado."


class MarkSbxFileSent(SbxFileStep):
    step = mark_sent
    success_message = "Arquivo marcado como enviado. O resultado (RPX) sai em até cinco dias."


class DiscardSbxFile(SbxFileStep):
    step = discard_file
    success_message = "Arquivo descartado. As movimentações dele estão livres para o próximo."
