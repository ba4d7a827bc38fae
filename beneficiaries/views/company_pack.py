"""The company pack: which companies have what to correct, the sheet out, the letter with it, the sheet back."""

import tempfile
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import slugify

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.forms.company_pack import PackUploadForm, check_rows, read_corrections
from beneficiaries.models import Company
from beneficiaries.queries.company_pack import LABELS, count_by_company, people_of_company, wanted_fields
from beneficiaries.services import company_pack
from cnsportal.formats.br import format_count
from operators.formats.xlsx_tables import write_xlsx
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import lately_counted

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANSWER_DAYS = 15  # that a letter gives the company
STAGED_TTL_SECONDS = 3600  # of a sheet that waits for its confirmation
EXPIRED = "A conferência desta planilha expirou. Envie a planilha de novo."


class CompanyPackView(PortalView):
    permission = Permission.EDIT_PEOPLE

    def company(self, pk: int) -> Company:
        company: Company = get_object_or_404(Company, pk=pk)
        return company

    def back(self) -> HttpResponse:
        return redirect("beneficiaries:company_packs", self.request.operator.registration)


class CompanyPackList(CompanyPackView):
    template = "beneficiaries/company_packs.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(rows=lately_counted(request, "worklists:companies", count_by_company))


class DownloadCompanyPack(CompanyPackView):
    """One sheet, on record: it holds names and birth dates of people."""

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        company = self.company(pk)
        rows = list(company_pack.pack_rows(company))
        if not rows:
            messages.info(request, "Esta empresa não tem mais nada a corrigir.")
            return self.back()
        company_pack.record_pack(company, len(rows), request.user)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pack.xlsx"
            write_xlsx(path, company_pack.COLUMNS, rows, "Corrigir")
            content = path.read_bytes()
        name = f"corrigir-{slugify(str(company))[:40] or pk}.xlsx"
        return HttpResponse(
            content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


class CompanyLetter(CompanyPackView):
    """To be printed and sent with the sheet."""

    template = "beneficiaries/company_letter.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        company, today = self.company(pk), timezone.localdate()
        people = list(people_of_company(company))
        wanted = [wanted_fields(person) for person in people]
        fields = [(label, sum(name in each for each in wanted)) for name, label in LABELS.items()]
        return self.page(
            company=company,
            people=len(people),
            fields=[(label, count) for label, count in fields if count],
            today=today,
            deadline=today + timedelta(days=ANSWER_DAYS),
        )


class UploadCompanyPack(CompanyPackView):
    template = "beneficiaries/company_pack_upload.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.page(company=self.company(pk), form=PackUploadForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        company, form = self.company(pk), PackUploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self._checked(company, company_pack.read_sheet(form.cleaned_data["sent"]))
            except InvalidFile as problem:
                form.add_error("sent", str(problem))
        return self.page(company=company, form=form, status=422)

    def _checked(self, company: Company, rows: list[list[str]]) -> HttpResponse:
        token, checked = token_hex(12), check_rows(company, rows)
        cache.set(_place(self.request, company, token), rows, STAGED_TTL_SECONDS)
        return self.page(
            company=company,
            token=token,
            changed=[row for row in checked if row.changes],
            refused=[row for row in checked if row.problem],
        )


class ConfirmCompanyPack(CompanyPackView):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        company = self.company(pk)
        place = _place(request, company, request.POST.get("planilha", ""))
        rows: Any = cache.get(place)
        if rows is None:
            messages.warning(request, EXPIRED)
            return redirect("beneficiaries:company_pack_upload", request.operator.registration, pk)
        wanted = read_corrections(company, rows)
        corrected = company_pack.apply_corrections(company, wanted, actor=request.user)
        cache.delete(place)
        one = corrected == 1
        messages.success(request, f"{format_count(corrected)} {'pessoa corrigida' if one else 'pessoas corrigidas'}.")
        if left := len(wanted) - corrected:
            messages.warning(request, f"{format_count(left)} de fora: o cadastro mudou enquanto você conferia.")
        return self.back()


def _place(request: PortalRequest, company: Company, token: str) -> str:
    return f"company_pack:{request.operator.pk}:{request.user.pk}:{company.pk}:{token[:24]}"
