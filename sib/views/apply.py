"""Decides on a rehearsed conference: apply all, some outcomes, some records, or close it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect

from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile
from sib.queries.apply_summary import summarise, summary_of
from sib.services.conferences.close import close_conference
from sib.services.conferences.pipeline import is_latest, request_apply

NOT_APPLICABLE = "Esta conferência não pode ser aplicada: só a mais nova, já ensaiada e com algo a aplicar, pode."
NOTHING_MARKED = "Marque ao menos um resultado ou um registro e tente de novo."


@dataclass(frozen=True, slots=True)
class Scope:
    """What a form asks to apply; everything where it names nothing."""

    outcomes: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()

    @classmethod
    def read(cls, sent: QueryDict) -> Self:
        return cls(
            tuple(name for name in sent.getlist("resultado") if name in Outcome.__members__),
            tuple(pk for sent_key in sent.getlist("registro") if (pk := key_of(sent_key)) is not None),
        )

    def as_arguments(self) -> dict[str, Any]:
        return {"outcomes": self.outcomes or None, "ids": self.ids or None}


class ConferenceDecision(PortalView):
    """A page about one conference that only those see who may apply it."""

    permission = Permission.APPLY_IMPORT
    http_method_names = ("post",)

    def back(self, request: PortalRequest, pk: int) -> HttpResponse:
        return redirect("sib:conference", request.operator.registration, pk)

    def refused(self, request: PortalRequest, pk: int, sentence: str) -> HttpResponse:
        messages.error(request, sentence)
        return self.back(request, pk)


class ConfirmApply(ConferenceDecision):
    """Says in numbers what is about to happen; nothing happens yet."""

    template = "sib/conference_apply_confirm.html"

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file, scope = get_object_or_404(ConferenceFile, pk=pk), Scope.read(request.POST)
        if scope == Scope() and "tudo" not in request.POST:
            return self.refused(request, pk, NOTHING_MARKED)
        wanted = summary_of(file, **scope.as_arguments())
        if not wanted.to_apply or not is_latest(file):
            return self.refused(request, pk, NOT_APPLICABLE)
        left = summarise(file).to_apply - wanted.to_apply
        return self.page(file=file, scope=scope, wanted=wanted, left=left, outcomes=_by_outcome(wanted.left))


class ApplyConference(ConferenceDecision):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file, scope = get_object_or_404(ConferenceFile, pk=pk), Scope.read(request.POST)
        with transaction.atomic():
            taken = request_apply(file, actor=request.user, **scope.as_arguments())
            if taken:
                file.enqueue()
        if not taken:
            return self.refused(request, pk, NOT_APPLICABLE)
        messages.success(request, "A conferência está sendo aplicada. Esta página mostra o andamento.")
        return self.back(request, pk)


class ConfirmClose(ConferenceDecision):
    template = "sib/conference_close_confirm.html"

    def post(self, _request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        return self.page(file=file, tally=summarise(file))


class CloseConference(ConferenceDecision):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        if not close_conference(file, actor=request.user):
            return self.refused(request, pk, "Esta conferência não está aguardando uma decisão.")
        messages.success(request, "Conferência encerrada. O que não foi aplicado fica só no recibo.")
        return self.back(request, pk)


def _by_outcome(left: Mapping[str, int]) -> list[tuple[str, str, int]]:
    return [(outcome.name, outcome.value, left[outcome.name]) for outcome in Outcome if left.get(outcome.name)]
