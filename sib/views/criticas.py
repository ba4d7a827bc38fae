"""ANS's reasons that the operator has met, and its own words for them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import facets
from sib.domain.criticas import FIELDS, REFUSALS, of_field
from sib.forms.criticas import CriticaForm, NewCriticaForm
from sib.models import Critica, Rejection
from sib.services.criticas import add_critica, explain_critica
from sib.views.results import field_title

MAX_ROWS = 1000  # reasons of one operator on one page; ANS has some hundreds


class CriticaList(PortalView):
    permission = Permission.VIEW_IMPORTS
    template = "sib/criticas.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        without = request.GET.get("ver") == "sem"
        rows = Critica.objects.select_related("changed_by").order_by("field_code", "error_code")
        found = list(rows.filter(explanation="")[:MAX_ROWS] if without else rows[:MAX_ROWS])
        met = {
            (field, error): count
            for field, error, count in Rejection.objects.order_by()
            .values_list("field_code", "error_code")
            .annotate(Count("pk"))
        }
        return self.page(
            criticas=[_row(critica, met) for critica in found],
            which=facets(request, "ver", [("sem", "Sem palavras da operadora")]),
            general=[(code, told) for code, told in FIELDS.items()],
            refusals=[(code, told) for code, told in REFUSALS.items()],
        )


def _row(critica: Critica, met: dict[tuple[str, str], int]) -> dict[str, Any]:
    return {
        "critica": critica,
        "field": field_title(critica.field_code),
        "general": of_field(critica.field_code),
        "met": met.get((critica.field_code, critica.error_code), 0),
    }


class EditCritica(PortalView):
    permission = Permission.EXPLAIN_CRITICAS
    template = "sib/critica.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        critica = get_object_or_404(Critica, pk=pk)
        words = {name: getattr(critica, name) for name in ("title", "explanation", "next_step")}
        return self._show(critica, CriticaForm(initial=words))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        critica, form = get_object_or_404(Critica, pk=pk), CriticaForm(request.POST)
        if not form.is_valid():
            return self._show(critica, form, status=422)
        changed = explain_critica(critica, form.cleaned_data, actor=request.user)
        messages.success(request, "Explicação gravada." if changed else "Nada mudou.")
        return redirect("sib:criticas", request.operator.registration)

    def _show(self, critica: Critica, form: CriticaForm, status: int = 200) -> HttpResponse:
        general = of_field(critica.field_code)
        return self.page(critica=critica, general=general, form=form, status=status)


class CreateCritica(PortalView):
    permission = Permission.EXPLAIN_CRITICAS
    template = "sib/critica.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(form=NewCriticaForm())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = NewCriticaForm(request.POST)
        if form.is_valid():
            words = dict(form.cleaned_data)
            field_code, error_code = words.pop("field_code"), words.pop("error_code")
            if add_critica(field_code, error_code, words, actor=request.user):
                messages.success(request, "Crítica acrescentada.")
                return redirect("sib:criticas", request.operator.registration)
            form.add_error("error_code", "Esta crítica já está na lista. Abra-a e mude a explicação dela.")
        return self.page(form=form, status=422)
