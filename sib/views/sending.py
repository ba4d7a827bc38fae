"""Conferences sent by browser: streamed to the disk, read by a worker; the conference's page shows how far it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import PortalView
from sib.forms import SendForm
from sib.services.receiving import take_in

TAKEN = "O arquivo chegou e está sendo lido. Você pode fechar esta página e voltar depois."
KNOWN = "Este conteúdo já tinha sido recebido. Esta é a conferência dele; nada foi lido de novo."


class Send(PortalView):
    permission = Permission.APPLY_IMPORT
    template = "sib/send.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=SendForm())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SendForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form, status=422)
        sent, wants_apply = form.cleaned_data["sent"], form.cleaned_data["deed"] == "aplicar"
        file, is_new = take_in(sent, wants_apply=wants_apply, actor=request.user)
        messages.success(request, TAKEN) if is_new else messages.info(request, KNOWN)
        return redirect("sib:conference", request.operator.registration, file.pk)
