"""The setting whether cards are issued to people without a CNS."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cards.forms.batches import PolicyForm
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.services.operators import set_policy
from operators.views.base import PortalView


class IssuePolicy(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "cards/issue_policy.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(form=PolicyForm(initial={"cards_without_cns": request.operator.cards_without_cns}))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = PolicyForm(request.POST)
        form.is_valid()
        changed = set_policy(request.operator, form.cleaned_data, actor=request.user)
        messages.success(request, "Política gravada. Vale a partir de agora." if changed else "Nada mudou.")
        return redirect("cards:issue_policy", request.operator.registration)
