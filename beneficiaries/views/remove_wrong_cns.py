"""The page to remove a number that is not the person's: consequences, reason, confirmation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.search import DisownForm
from beneficiaries.models import CnsNumber
from beneficiaries.queries.dependents import dependents_of
from beneficiaries.services.remove_wrong_cns import NotCurrent, remove_wrong_cns
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

DONE = "Número retirado. Ele não volta sozinho: se uma fonte o trouxer de novo, o caso vem para Revisões."


class RemoveWrongCns(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/remove_wrong_cns.html"

    def get(self, _request: PortalRequest, pk: int, number: int) -> HttpResponse:
        return self.show(self._number(pk, number), DisownForm())

    def post(self, request: PortalRequest, pk: int, number: int) -> HttpResponse:
        cns, form = self._number(pk, number), DisownForm(request.POST)
        if not form.is_valid():
            return self.show(cns, form, status=422)
        try:
            remove_wrong_cns(cns.pk, reason=form.reason, actor=request.user)
        except NotCurrent:
            messages.info(request, "O número já não era o atual desta pessoa: nada mudou.")
        else:
            messages.success(request, DONE)
        return redirect("beneficiaries:person", request.operator.registration, pk)

    def show(self, cns: CnsNumber, form: DisownForm, status: int = 200) -> HttpResponse:
        dependents = dependents_of({cns.person_id: cns.number}, cns.attached_at) if cns.is_current else []
        return self.page(cns=cns, person=cns.person, form=form, dependents=dependents, status=status)

    def _number(self, pk: int, number: int) -> CnsNumber:
        numbers = CnsNumber.objects.select_related("person")
        cns: CnsNumber = get_object_or_404(numbers, pk=number, person=pk)
        return cns
