"""Undoes what a conference changed: confirmed first, refused where later work depends on it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from operators.middleware import PortalRequest
from sib.models import ConferenceFile
from sib.queries.apply_summary import summarise
from sib.services.conferences.revert import request_revert
from sib.views.apply import ConferenceDecision

NOT_REVERTIBLE = "Não há nada a desfazer nesta conferência, ou um processo ainda está com ela."


class ConfirmRevert(ConferenceDecision):
    template = "sib/conference_revert_confirm.html"

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        done = summarise(file)
        if not done.undoable:
            return self.refused(request, pk, NOT_REVERTIBLE)
        return self.page(file=file, tally=done)


class RevertConference(ConferenceDecision):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        with transaction.atomic():
            taken = request_revert(file, actor=request.user)
            if taken:
                file.enqueue()
        if not taken:
            return self.refused(request, pk, NOT_REVERTIBLE)
        messages.success(request, "A conferência está sendo desfeita. Esta página mostra o andamento.")
        return self.back(request, pk)
