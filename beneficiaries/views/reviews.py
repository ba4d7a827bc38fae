"""The review desk: doubtful numbers one after the other, two people side by side; and past decisions."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.reviews import DecidedForm, SettleForm
from beneficiaries.models import CnsNumber, Person, Review
from beneficiaries.queries.case_surroundings import CaseSurroundings
from beneficiaries.queries.review_groups import list_groups
from beneficiaries.services import Attachment
from beneficiaries.services.review_batches import may_undo_batch
from beneficiaries.services.reviews import AlreadySettled, NotUndoable, may_undo, settle_review, undo_review
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import Order, counted, keyset_page, lately_counted

MAX_WAITING_SHOWN = 12  # shown beside the case on the desk
LAST = "beneficiaries.last_decision"  # of the session: what the bar on the desk offers to undo

ANSWERS = {
    Attachment.TAKEN: "O número é de outra pessoa do cadastro. O caso continua aberto: confira as duas pessoas.",
    Attachment.INVALID: "O número não passa nos dígitos de conferência. Descarte-o.",
    Attachment.UNKNOWN_PERSON: "A pessoa não está mais no cadastro. Descarte o caso.",
}
LATEST_FIRST = Order("-decided_at", "-pk")
DECIDED = (Review.Status.ACCEPTED, Review.Status.DISMISSED, Review.Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Effect:
    """What accepting would do: the number that the person has today, and who else has the one in question."""

    number: str
    current: CnsNumber | None
    holder: CnsNumber | None

    @property
    def sentence(self) -> str:
        if self.holder:
            return "Este número é hoje de outra pessoa do cadastro: não pode ser aceito."
        if self.current is None:
            return "Aceitar vincula este número."
        if self.current.number == self.number:
            return "Aceitar confirma o mesmo número."
        return "Aceitar substitui."

    @classmethod
    def of(cls, case: Review) -> "Effect":
        wanted = Q(person=case.person_id) | Q(number=case.number)
        found = list(CnsNumber.objects.current().filter(wanted).select_related("person"))
        current = next((number for number in found if number.person_id == case.person_id), None)
        holder = next((number for number in found if number.person_id != case.person_id), None)
        return cls(case.number, current, holder)


class ReviewView(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/reviews.html"

    def show(self, case: Review | None, form: SettleForm | None = None, **context: Any) -> HttpResponse:
        """The case asked for, or the one that has waited longest; beside it those that follow."""
        cases = waiting()
        following = list(cases[: MAX_WAITING_SHOWN + 1])
        case = case or next(iter(following), None)
        earlier, later = neighbours(case) if case else (None, None)
        return self.page(
            last=_last(self.request),
            earlier=earlier,
            later=later,
            status=422 if form else 200,
            case=case,
            effect=Effect.of(case) if case else None,
            beside=CaseSurroundings.of(case) if case else None,
            form=form or SettleForm(),
            following=[other for other in following if case is None or other.pk != case.pk][:MAX_WAITING_SHOWN],
            total=counted(cases),
            equal_cases=lately_counted(self.request, "equal_cases", _equal_cases),
            **context,
        )


class ReviewList(ReviewView):
    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.show(None)


class ReviewDetail(ReviewView):
    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        """One that is decided is shown as it was; the Back key leads here."""
        review = get_object_or_404(Review.objects.select_related("person", "decided_by", "batch"), pk=pk)
        if review.status == Review.Status.OPEN:
            return self.show(review)
        return DecidedReview(request=request).page(
            case=review,
            undoable=may_undo(review, request.user),
            batch=review.batch if review.batch and may_undo_batch(review.batch, request.user) else None,
        )

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        review, form = get_object_or_404(Review.objects.select_related("person"), pk=pk), SettleForm(request.POST)
        if not form.is_valid():
            return self.show(review, form)
        try:
            chosen = form.cleaned_data
            answer = settle_review(
                pk, accept=form.accepts, actor=request.user, reason=chosen["reason"], note=chosen["note"]
            )
        except AlreadySettled:
            messages.info(request, f"Este caso de {_name(review)} já foi decidido, ou foi resolvido por outro caminho.")
        else:
            _announce(request, review, answer)
        return self._to_next(request, review)

    def _to_next(self, request: PortalRequest, review: Review) -> HttpResponse:
        """Those that were left for later do not come back before the end of the queue."""
        _, later = neighbours(review)
        if later is None:
            return redirect("beneficiaries:reviews", request.operator.registration)
        return redirect("beneficiaries:review", request.operator.registration, later.pk)


class DecidedReview(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/decided_review.html"


class UndoReview(PortalView):
    permission = Permission.REVIEW_CNS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        get_object_or_404(Review, pk=pk)
        try:
            review = undo_review(pk, actor=request.user)
        except NotUndoable as standing:
            messages.error(request, str(standing))
        else:
            messages.success(request, f"Decisão desfeita. O caso de {_name(review)} está aberto de novo.")
        return redirect("beneficiaries:review", request.operator.registration, pk)


class DecidedReviewList(PortalView):
    """Who decided what, when and why; the latest first."""

    permission = Permission.REVIEW_CNS
    template = "beneficiaries/decided_reviews.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        form = DecidedForm(request.GET)
        return self.page(form=form, page=keyset_page(request, decided(form), LATEST_FIRST))


def decided(form: DecidedForm) -> QuerySet[Review]:
    return form.narrowed(Review.objects.filter(status__in=DECIDED)).select_related("person", "decided_by")


def _last(request: PortalRequest) -> Review | None:
    """The reader's decision of a moment ago, once, where it may be undone."""
    pk = request.session.pop(LAST, None)
    last = Review.objects.filter(pk=pk).select_related("person").first() if pk else None
    return last if last and may_undo(last, request.user) else None


def _equal_cases() -> int:
    return sum(group.count for group in list_groups())


def waiting() -> QuerySet[Review]:
    return Review.objects.filter(status=Review.Status.OPEN).select_related("person").order_by("opened_at", "pk")


def neighbours(case: Review) -> tuple[Review | None, Review | None]:
    """The open case before this one in the queue, and the one after it."""
    before = Q(opened_at__lt=case.opened_at) | Q(opened_at=case.opened_at, pk__lt=case.pk)
    after = Q(opened_at__gt=case.opened_at) | Q(opened_at=case.opened_at, pk__gt=case.pk)
    return waiting().filter(before).last(), waiting().filter(after).first()


def _announce(request: PortalRequest, review: Review, answer: Attachment | None) -> None:
    if answer in ANSWERS:
        messages.error(request, f"{_name(review)}: {ANSWERS[answer]}")
        return
    request.session[LAST] = review.pk
    if answer is None:
        messages.success(request, f"Número descartado para {_name(review)}.")
    else:
        messages.success(request, f"Número aceito para {_name(review)}: {answer.value}.")


def _name(review: Review) -> str:
    person: Person = review.person
    return person.social_name or person.name
