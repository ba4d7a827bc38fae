"""Conferences sent by browser: streamed to the disk, read by a worker; the conference's page shows its progress."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from sib.forms.conferences import ConferenceUploadForm
from sib.models import ConferenceFile
from sib.services.conferences.pipeline import why_not_applied
from sib.services.conferences.receive import receive_upload

TAKEN = "O arquivo chegou e está sendo lido. Você pode fechar esta página e voltar depois."
KNOWN_APPLYING = "Este conteúdo já tinha sido recebido. A conferência dele está sendo aplicada."
KNOWN = "Este conteúdo já tinha sido recebido. Esta é a conferência dele; nada foi lido de novo."


class UploadConference(PortalView):
    permission = Permission.APPLY_IMPORT
    template = "sib/conference_upload.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=ConferenceUploadForm())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = ConferenceUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form, status=422)
        sent, wants_apply = form.cleaned_data["sent"], form.cleaned_data["deed"] == "aplicar"
        file, is_new = receive_upload(sent, wants_apply=wants_apply, actor=request.user)
        if is_new:
            messages.success(request, TAKEN)
        else:
            _announce_known(request, file, wants_apply=wants_apply)
        return redirect("sib:conference", request.operator.registration, file.pk)


def _announce_known(request: PortalRequest, file: ConferenceFile, *, wants_apply: bool) -> None:
    if wants_apply and (sentence := why_not_applied(file)):
        messages.error(request, sentence)
    else:
        messages.info(request, KNOWN_APPLYING if wants_apply and file.is_active else KNOWN)
