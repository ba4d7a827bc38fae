"""The setting whether risky decisions of the review desk take two people."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from beneficiaries.forms.reviews import ReviewPolicyForm
from beneficiaries.queries.reviewers import reviewers_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.services.operators import set_policy
from operators.views.base import PortalView


class ReviewPolicy(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "beneficiaries/review_policy.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        form = ReviewPolicyForm(initial={"risky_decisions_by_two": request.operator.risky_decisions_by_two})
        return self.page(form=form, reviewers=reviewers_of(request.operator).count())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = ReviewPolicyForm(request.POST)
        form.is_valid()
        changed = set_policy(request.operator, form.cleaned_data, actor=request.user)
        messages.success(request, "Política gravada. Vale a partir de agora." if changed else "Nada mudou.")
        return redirect("beneficiaries:review_policy", request.operator.registration)
