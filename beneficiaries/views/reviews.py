"""The review desk: doubtful numbers one after the other, two people side by side; and past decisions."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.forms.reviews import DecidedForm, SettleForm
from beneficiaries.models import Person, Review
from beneficiaries.queries.case_surroundings import CaseSurroundings
from beneficiaries.queries.decision_effect import DecisionEffect
from beneficiaries.queries.review_groups import list_groups
from beneficiaries.queries.review_queue import ReviewFilter, count_queue, neighbours, waiting_for
from beneficiaries.queries.reviewers import reviewers_of
from beneficiaries.services import Attachment
from beneficiaries.services.review_batches import may_undo_batch
from beneficiaries.services.review_proposals import Proposal, ProposedMeanwhile
from beneficiaries.services.reviews import AlreadySettled, NotUndoable, may_undo, settle_review, undo_review
from beneficiaries.views.review_filters import filter_groups
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import Order, keyset_page, lately_counted

MAX_WAITING_SHOWN = 12  # shown beside the case on the desk
LAST = "beneficiaries.last_decision"  # of the session: what the bar on the desk offers to undo

ANSWERS = {
    Attachment.TAKEN: "O número é de outra pessoa do cadastro. O caso continua aberto: confira as duas pessoas.",
    Attachment.INVALID: "O número não passa nos dígitos de conferência. Descarte-o.",
    Attachment.UNKNOWN_PERSON: "A pessoa não está mais no cadastro. Descarte o caso.",
}
LATEST_FIRST = Order("-decided_at", "-pk")
DECIDED = (Review.Status.ACCEPTED, Review.Status.DISMISSED, Review.Status.WITHDRAWN)


class ReviewView(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/reviews.html"

    def show(self, case: Review | None, form: SettleForm | None = None, **context: Any) -> HttpResponse:
        """The case asked for, or the one that has waited longest; beside it those that follow."""
        request = self.request
        asked, counts = ReviewFilter.of(request.GET), count_queue(request.user.pk)
        queue = waiting_for(request.user.pk, asked)
        following = list(queue[: MAX_WAITING_SHOWN + 1])
        case = case or next(iter(following), None)
        return self.page(
            last=_last(request),
            status=422 if form else 200,
            case=case,
            form=form or SettleForm(initial={"confirms": case.proposed_by_id if case else None}),
            following=[other for other in following if case is None or other.pk != case.pk][:MAX_WAITING_SHOWN],
            total=counts.of(asked),
            queue_query=asked.suffix,
            filter_groups=filter_groups(counts, asked, _address(request, None)),
            equal_cases=lately_counted(request, "equal_cases", _equal_cases),
            **(_about(case, queue, request) if case else {}),
            **context,
        )


def _about(case: Review, queue: QuerySet[Review], request: PortalRequest) -> dict[str, Any]:
    effect = DecisionEffect.of(case)
    earlier, later = neighbours(case, queue)
    is_own = case.proposed_by_id == request.user.pk
    return {
        "earlier": earlier,
        "later": later,
        "effect": effect,
        "by_two": effect.is_risky and request.operator.risky_decisions_by_two,
        "is_own_proposal": is_own,
        "is_alone": is_own and not _others(request),
        "beside": CaseSurroundings.of(case),
    }


def _others(request: PortalRequest) -> bool:
    """Whether anybody else may confirm."""
    return reviewers_of(request.operator).exclude(user=request.user).exists()


class ReviewList(ReviewView):
    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.show(None)


class ReviewDetail(ReviewView):
    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        """One that is decided is shown as it was; the Back key leads here."""
        review = get_object_or_404(Review.objects.select_related("person", "decided_by", "proposed_by", "batch"), pk=pk)
        if review.status == Review.Status.OPEN:
            return self.show(review)
        return DecidedReview(request=request).page(
            case=review,
            undoable=may_undo(review, request.user),
            batch=review.batch if review.batch and may_undo_batch(review.batch, request.user) else None,
        )

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        cases, form = Review.objects.select_related("person", "proposed_by"), SettleForm(request.POST)
        review = get_object_or_404(cases, pk=pk)
        if not form.is_valid():
            return self.show(review, form)
        try:
            answer = self._settle(request, pk, form)
        except ProposedMeanwhile:
            messages.info(
                request, f"Outra pessoa acabou de propor aceitar o número de {_name(review)}. Confira o caso."
            )
            return _to_desk(request, pk)
        except AlreadySettled:
            messages.info(request, f"Este caso de {_name(review)} já foi decidido, ou foi resolvido por outro caminho.")
        else:
            _announce(request, review, answer)
        return self._to_next(request, review)

    def _settle(self, request: PortalRequest, pk: int, form: SettleForm) -> Attachment | Proposal | None:
        chosen = form.cleaned_data
        return settle_review(
            pk,
            accept=form.accepts,
            actor=request.user,
            reason=chosen["reason"],
            note=chosen["note"],
            confirms=chosen["confirms"],
        )

    def _to_next(self, request: PortalRequest, review: Review) -> HttpResponse:
        """Those that were left for later do not come back before the end of the queue."""
        _, later = neighbours(review, waiting_for(request.user.pk, ReviewFilter.of(request.GET)))
        return _to_desk(request, later.pk if later else None)


class DecidedReview(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/decided_review.html"


class UndoReview(PortalView):
    permission = Permission.REVIEW_CNS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        waited = get_object_or_404(Review, pk=pk).status == Review.Status.OPEN
        try:
            review = undo_review(pk, actor=request.user)
        except NotUndoable as standing:
            messages.error(request, str(standing))
        else:
            done = "Proposta retirada" if waited else "Decisão desfeita"
            messages.success(request, f"{done}. O caso de {_name(review)} está aberto de novo.")
        return _to_desk(request, pk)


class DecidedReviewList(PortalView):
    """Who decided what, when and why; the latest first."""

    permission = Permission.REVIEW_CNS
    template = "beneficiaries/decided_reviews.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        form = DecidedForm(request.GET)
        return self.page(form=form, page=keyset_page(request, decided(form), LATEST_FIRST))


def _to_desk(request: PortalRequest, pk: int | None) -> HttpResponse:
    """To this case or the first one, in the part of the queue that the reader is in."""
    return redirect(f"{_address(request, pk)}{ReviewFilter.of(request.GET).suffix}")


def _address(request: PortalRequest, pk: int | None) -> str:
    registration = request.operator.registration
    if pk is None:
        return reverse("beneficiaries:reviews", args=[registration])
    return reverse("beneficiaries:review", args=[registration, pk])


def decided(form: DecidedForm) -> QuerySet[Review]:
    return form.narrowed(Review.objects.filter(status__in=DECIDED)).select_related("person", "decided_by")


def _last(request: PortalRequest) -> Review | None:
    """The reader's decision of a moment ago, once, where it may be undone."""
    pk = request.session.pop(LAST, None)
    last = Review.objects.filter(pk=pk).select_related("person").first() if pk else None
    return last if last and may_undo(last, request.user) else None


def _equal_cases() -> int:
    return sum(group.count for group in list_groups())


def _announce(request: PortalRequest, review: Review, answer: Attachment | Proposal | None) -> None:
    if isinstance(answer, Attachment) and answer in ANSWERS:
        messages.error(request, f"{_name(review)}: {ANSWERS[answer]}")
        return
    request.session[LAST] = review.pk
    if isinstance(answer, Proposal):
        messages.success(request, f"Proposta gravada para {_name(review)}: o caso espera a segunda pessoa.")
    elif answer is None:
        messages.success(request, f"Número descartado para {_name(review)}.")
    else:
        messages.success(request, f"Número aceito para {_name(review)}: {answer.value}.")


def _name(review: Review) -> str:
    person: Person = review.person
    return person.social_name or person.name
