"""The review desk: one doubtful number after the other, two people side by side."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms import SettleForm
from beneficiaries.models import Review
from beneficiaries.services import Attachment
from beneficiaries.services.reviewing import AlreadySettled, settle_review
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import PortalView, counted

WAITING = 12  # shown beside the case on the desk

ANSWERS = {
    Attachment.TAKEN: "O número é de outra pessoa do cadastro. O caso continua aberto: confira as duas pessoas.",
    Attachment.INVALID: "O número não passa nos dígitos de conferência. Descarte-o.",
    Attachment.UNKNOWN_PERSON: "A pessoa não está mais no cadastro. Descarte o caso.",
}


class DeskView(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/reviews.html"

    def show(self, case: Review | None, form: SettleForm | None = None) -> HttpResponse:
        """The case asked for, or the one that has waited longest; beside it those that follow."""
        cases = waiting()
        following = list(cases[: WAITING + 1])
        case = case or next(iter(following), None)
        return self.page(
            status=422 if form else 200,
            case=case,
            form=form or SettleForm(),
            following=[other for other in following if case is None or other.pk != case.pk][:WAITING],
            total=counted(cases),
        )


class Desk(DeskView):
    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.show(None)


class Case(DeskView):
    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.show(get_object_or_404(waiting(), pk=pk))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        review, form = get_object_or_404(Review, pk=pk), SettleForm(request.POST)
        if not form.is_valid():
            return self.show(review, form)
        try:
            answer = settle_review(pk, accept=form.accepts, actor=request.user, note=form.cleaned_data["note"])
        except AlreadySettled:
            messages.info(request, "Outra pessoa já decidiu este caso.")
        else:
            _tell(request, answer)
        return redirect("beneficiaries:reviews", request.operator.registration)


def waiting() -> QuerySet[Review]:
    return Review.objects.filter(status=Review.Status.OPEN).select_related("person").order_by("opened_at", "pk")


def _tell(request: PortalRequest, answer: Attachment | None) -> None:
    if answer is None:
        messages.success(request, "Número descartado.")
    elif answer in ANSWERS:
        messages.error(request, ANSWERS[answer])
    else:
        messages.success(request, f"Número aceito: {answer.value}.")
