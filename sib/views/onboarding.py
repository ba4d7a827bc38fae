"""Onboarding from a conference: requested, rehearsed by a worker, shown in numbers, confirmed."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.sql.onboarding import HoldReason
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.formats.csv_tables import csv_line
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import JobProgress, PortalView
from operators.views.facets import facets
from operators.views.pagination import keyset_page
from sib.models import ConferenceFile, Founding, HeldNewcomer
from sib.services.onboarding import can_found, confirm_onboarding, request_founding

NOTHING = "Esta conferência não tem registros a trazer, ou há outra mais nova."


class StartOnboarding(PortalView):
    permission = Permission.APPLY_IMPORT

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(ConferenceFile, pk=pk)
        if not can_found(file):
            messages.error(request, NOTHING)
            return redirect("sib:conference", request.operator.registration, pk)
        with transaction.atomic():
            founding = request_founding(file, with_inactive="inativos" in request.POST, actor=request.user)
        return redirect("sib:onboarding", request.operator.registration, founding.pk)


class OnboardingDetail(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/onboarding.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        founding = get_object_or_404(Founding.objects.select_related("file", "requested_by"), pk=pk)
        held = founding.counts.get("held", {})
        reason = request.GET.get("motivo", "")
        rows = HeldNewcomer.objects.filter(founding=founding, **({"reason": reason} if reason in held else {}))
        reasons = [(name, HoldReason[name].sentence.partition(".")[0]) for name in held]
        return self.page(
            founding=founding,
            waiting=founding.status == Status.WAITING,
            page=keyset_page(request, rows),
            reasons=facets(request, "motivo", reasons, every="Todos os motivos", counts=held),
            held=sum(held.values()),
        )


class OnboardingProgress(JobProgress):
    permission = Permission.VIEW_IMPORTS
    model = Founding


class ConfirmOnboarding(PortalView):
    permission = Permission.APPLY_IMPORT

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        founding = get_object_or_404(Founding, pk=pk)
        with transaction.atomic():
            agreed = confirm_onboarding(founding, actor=request.user)
            if agreed:
                founding.enqueue()
        if agreed:
            messages.success(request, "Os registros estão sendo trazidos. Esta página mostra o andamento.")
        else:
            messages.error(request, "Esta carga não está à espera de uma decisão.")
        return redirect("sib:onboarding", request.operator.registration, pk)


class DownloadHeldReceipt(PortalView):
    """What could not come in, as CSV: CCO and code, no names."""

    permission = Permission.APPLY_IMPORT

    def post(self, request: PortalRequest, pk: int) -> HttpResponseBase:
        founding = get_object_or_404(Founding, pk=pk)
        rows = HeldNewcomer.objects.filter(founding=founding).order_by("pk")
        data: dict[str, Any] = {"rows": sum(founding.counts.get("held", {}).values())}
        record([Event(EventKind.CNX_EXPORTED, "founding", pk, actor=request.user, data=data)])
        response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="retidos-{pk}.csv"'
        return response


def _lines(rows: Any) -> Iterator[str]:
    yield "\ufeff" + csv_line(("cco", "codigo", "motivo"))
    for cco, code, reason in rows.values_list("cco", "code", "reason").iterator(chunk_size=2000):
        yield f'{csv_line((cco, code)).strip()};"{HoldReason[reason].sentence}"\r\n'
