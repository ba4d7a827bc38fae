"""The operator's names, as cards, letters and pages call it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cards.forms.operator_names import NamesForm
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.services.operators import rename_operator
from operators.views.base import PortalView


class OperatorNames(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "cards/operator_names.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        names = {name: getattr(request.operator, name) for name in NamesForm.base_fields}
        return self.page(form=NamesForm(initial=names))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = NamesForm(request.POST)
        if not form.is_valid():
            return self.page(form=form, status=422)
        changed = rename_operator(request.operator, form.cleaned_data, actor=request.user)
        messages.success(request, "Nomes gravados. Valem para os próximos cartões." if changed else "Nada mudou.")
        return redirect("cards:operator_names", request.operator.registration)
