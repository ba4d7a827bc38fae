"""Equal cases of the review desk: groups, what one of them holds, one decision for all of it, and its undoing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from beneficiaries.forms.reviews import SettleGroupForm
from beneficiaries.models import ReviewBatch
from beneficiaries.queries.review_groups import ReviewGroup, cases_of, find_group, in_order, list_groups
from beneficiaries.services.review_batches import (
    MAX_BATCH_CASES,
    BatchOutcome,
    decide_group,
    may_undo_batch,
    undo_batch,
)
from beneficiaries.services.reviews import NotUndoable
from cnsportal.formats.br import format_count
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

SAMPLE_SIZE = 5
LAST_BATCH = "beneficiaries.last_batch"  # of the session: what the bar on the list of groups offers to undo


class ReviewGroupList(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/review_groups.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(groups=list_groups(), last_batch=_last_batch(request))


class ReviewGroupDetail(PortalView):
    permission = Permission.REVIEW_CNS
    template = "beneficiaries/review_group.html"

    def get(self, _request: PortalRequest, key: str) -> HttpResponse:
        group = find_group(key)
        if group is None:
            raise Http404("Este grupo não existe mais: os casos dele foram decididos ou mudaram.")
        return self.show(group, SettleGroupForm(initial={"last": group.last}))

    def post(self, request: PortalRequest, key: str) -> HttpResponse:
        form = SettleGroupForm(request.POST)
        if not form.is_valid():
            group = find_group(key)
            return self.show(group, form, status=422) if group else self._to_groups(request, BatchOutcome(None, 0, 0))
        chosen = form.cleaned_data
        outcome = decide_group(
            key,
            last=chosen["last"],
            accept=form.accepts,
            actor=request.user,
            reason=chosen["reason"],
            note=chosen["note"],
        )
        return self._to_groups(request, outcome, accepted=form.accepts)

    def show(self, group: ReviewGroup, form: SettleGroupForm, **context: Any) -> HttpResponse:
        cases = in_order(cases_of(group.key, limit=MAX_BATCH_CASES))
        return self.page(
            group=group,
            form=form,
            sample=cases[:SAMPLE_SIZE],
            others=cases[SAMPLE_SIZE:],
            decided_at_once=min(group.count, MAX_BATCH_CASES),
            **context,
        )

    def _to_groups(self, request: PortalRequest, outcome: BatchOutcome, *, accepted: bool = False) -> HttpResponse:
        if outcome.batch is None:
            messages.info(
                request, "Nada foi decidido: estes casos já foram decididos, ou mudaram enquanto você olhava."
            )
        else:
            request.session[LAST_BATCH] = outcome.batch.pk
            done = _told(outcome.decided, "caso aceito" if accepted else "caso descartado")
            messages.success(request, f"{done}.{_skipped(outcome)}")
        return redirect("beneficiaries:review_groups", request.operator.registration)


class UndoReviewBatch(PortalView):
    permission = Permission.REVIEW_CNS
    http_method_names = ("post",)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        get_object_or_404(ReviewBatch, pk=pk)
        try:
            outcome = undo_batch(pk, actor=request.user)
        except NotUndoable as standing:
            messages.error(request, str(standing))
        else:
            kept = f" Sem desfazer, porque já foram usados: {format_count(outcome.skipped)}." if outcome.skipped else ""
            messages.success(request, f"Decisão desfeita: {_told(outcome.decided, 'caso reaberto')}.{kept}")
        return redirect("beneficiaries:review_groups", request.operator.registration)


def _skipped(outcome: BatchOutcome) -> str:
    if not outcome.skipped:
        return ""
    left = format_count(outcome.skipped)
    return f" Sem decidir, porque mudaram ou alguém os decidiu enquanto você olhava: {left}."


def _told(count: int, noun: str) -> str:
    words = noun if count == 1 else " ".join(f"{word}s" for word in noun.split())
    return f"{format_count(count)} {words}"


def _last_batch(request: PortalRequest) -> ReviewBatch | None:
    """The reader's decision of a moment ago, once, where it may be undone."""
    pk = request.session.pop(LAST_BATCH, None)
    batch = ReviewBatch.objects.filter(pk=pk).first() if pk else None
    return batch if batch and may_undo_batch(batch, request.user) else None
