"""Night reports, and the settings of what nights do automatically."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import Panel
from operators.services.operators import set_policy
from operators.views.base import PortalView
from operators.views.pagination import keyset_page
from sib.forms.night_policy import NightPolicyForm
from sib.models import NightReport
from sib.services.night_report import subject_line, template_context


class NightReportList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/night_reports.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = keyset_page(request, NightReport.objects.all())
        return self.page(page=page, lines={report.pk: subject_line(report) for report in page.rows})


class NightReportDetail(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/night_report.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        report = get_object_or_404(NightReport, pk=pk)
        return self.page(report=report, headline=subject_line(report), **template_context(report.facts))


class NightPolicy(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "sib/night_policy.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(form=NightPolicyForm.of(request.operator))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = NightPolicyForm(request.POST)
        if not form.is_valid():
            return self.page(form=form, status=422)
        changed = set_policy(request.operator, form.policy(), actor=request.user)
        messages.success(
            request, "Política gravada. Vale a partir da próxima conferência." if changed else "Nada mudou."
        )
        return redirect("sib:night_policy", request.operator.registration)


def _last(request: PortalRequest) -> dict[str, Any]:
    report = NightReport.objects.order_by("-day").first()
    if report is None:
        return {}
    href = reverse("sib:night_report", args=[request.operator.registration, report.pk])
    return {"report": report, "headline": subject_line(report), "href": href, "urgent": len(report.facts["urgent"])}


night_panel = Panel(Permission.VIEW_IMPORTS, "sib/_night_panel.html", _last)
