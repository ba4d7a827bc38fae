"""Batches of cards: started, followed by progress polling, marked, reprinted."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from cards.domain import fixed_width
from cards.domain.lifecycle import CardState
from cards.forms.batches import BatchForm, ReprintForm
from cards.models import CardBatch, Kind
from cards.queries.filters import in_state, in_words, links_of, narrowed
from cards.render.batch_outputs import CONTENT_TYPE, SUFFIX, described, options_of
from cards.services import cancel_batch, move_batch, open_batch_file, reprint_batch, retry_batch, start_batch_of
from cards.services.batches import failures
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import JobProgress, PortalView
from operators.views.pagination import PAGE_SIZE, keyset_page

MOVES = {
    CardState.PRINTED: "cartão marcado como impresso,cartões marcados como impressos",
    CardState.DELIVERED: "cartão marcado como entregue,cartões marcados como entregues",
}
GONE = "O arquivo já não está guardado. Use “Reimprimir” para fazer outro igual."


class BatchList(PortalView):
    permission = Permission.VIEW_CARDS
    template = "cards/batches.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        batches = CardBatch.objects.select_related("requested_by")
        return self.page(page=keyset_page(request, batches))


class CreateBatch(PortalView):
    permission = Permission.ISSUE_CARDS
    template = "cards/batch_new.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Narrowed as the list was that the reader comes from."""
        known = {name: value for name, value in request.GET.items() if name in BatchForm.base_fields and value}
        return self.page(form=BatchForm(initial=known))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = BatchForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form=form, status=422)
        kind = Kind.ISSUE if request.POST.get("fazer") == "emitir" else Kind.REHEARSAL
        batch = _started(form, kind, request)
        return redirect("cards:batch", request.operator.registration, batch.pk)


class BatchOfSelection(PortalView):
    """The form of a batch for the links that are ticked in the list of cards."""

    permission = Permission.ISSUE_CARDS
    template = CreateBatch.template

    def post(self, request: PortalRequest) -> HttpResponse:
        codes = request.POST.getlist("codigo")[:PAGE_SIZE]
        if not codes:
            messages.info(request, "Nenhum vínculo foi escolhido. Marque-os e emita de novo.")
            return redirect("cards:cards", request.operator.registration)
        return self.page(form=BatchForm(initial={"situacao": "lista", "codigos": "\n".join(codes)}))


def _started(form: BatchForm, kind: Kind, request: PortalRequest) -> CardBatch:
    asked = form.cleaned_data
    if asked["situacao"] == "lista":
        links, unknown = links_of(asked["codes"])
        scope = f"Lista de {len(asked['codes'])} códigos"
        return start_batch_of(links, actor=request.user, order=form.ordered(kind, scope), unknown=unknown)
    links = narrowed(in_state(asked["situacao"]), asked)
    return start_batch_of(links, actor=request.user, order=form.ordered(kind, in_words(asked)))


class BatchView(PortalView):
    permission = Permission.ISSUE_CARDS

    def batch(self, pk: int) -> CardBatch:
        batches = CardBatch.objects.select_related("requested_by", "former")
        found: CardBatch = get_object_or_404(batches, pk=pk)
        return found

    def back(self, batch: CardBatch) -> HttpResponse:
        return redirect("cards:batch", self.request.operator.registration, batch.pk)


class BatchDetail(BatchView):
    permission = Permission.VIEW_CARDS
    template = "cards/batch.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        return self.page(
            batch=batch,
            described=described(batch.product, options_of(batch.options)),
            counts=_counts(batch),
            refusals=batch.items.exclude(refusal="").values("refusal").annotate(count=Count("pk")).order_by("-count"),
            refused=batch.items.exclude(refusal="").select_related("beneficiary").order_by("pk")[:50],
            can_retry=not batch.is_active and failures(batch).exists(),
            later=batch.later.order_by("pk"),
        )


class BatchProgress(JobProgress):
    permission = Permission.VIEW_CARDS
    model = CardBatch


class DownloadBatch(BatchView):
    """By POST: that personal data left the portal goes on record."""

    def post(self, request: PortalRequest, pk: int) -> HttpResponseBase:
        batch = self.batch(pk)
        if not batch.file:
            messages.error(request, GONE)
            return self.back(batch)
        file = open_batch_file(batch, actor=request.user)
        suffix = SUFFIX[batch.product]
        name = f"lote-{batch.pk}.{suffix}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE[suffix])


class MarkBatch(BatchView):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        state = next((state for state in MOVES if state.value == request.POST.get("para")), None)
        if state is None:
            messages.error(request, "Escolha “impressos” ou “entregues”. Nada mudou.")
            return self.back(batch)
        moved = move_batch(batch, state, actor=request.user)
        one, several = MOVES[state].split(",")
        messages.success(request, f"{moved} {one if moved == 1 else several}.")
        return self.back(batch)


class CancelBatch(BatchView):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        if cancel_batch(batch, actor=request.user):
            messages.success(request, "Lote cancelado. Os cartões já emitidos continuam valendo.")
        else:
            messages.error(request, "O lote já tinha terminado. Nada mudou.")
        return self.back(batch)


class RetryBatch(BatchView):
    """Those without a card once more; after a rehearsal, in earnest."""

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        batch = self.batch(pk)
        if batch.is_active or not failures(batch).exists():
            messages.error(request, "Não há o que repetir neste lote.")
            return self.back(batch)
        return self.back(retry_batch(batch, actor=request.user))


class ReprintBatch(BatchView):
    template = "cards/batch_reprint.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.page(batch=self.batch(pk), form=ReprintForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        batch, form = self.batch(pk), ReprintForm(request.POST)
        if not form.is_valid():
            return self.page(batch=batch, form=form, status=422)
        return self.back(reprint_batch(batch, reason=form.cleaned_data["reason"], actor=request.user))


class RecordLayout(PortalView):
    """What a print bureau has to know of the fixed-width file."""

    permission = Permission.VIEW_CARDS
    template = "cards/record_layout.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(places=fixed_width.places(), width=fixed_width.WIDTH)


def _counts(batch: CardBatch) -> dict[str, Any]:
    """What came of the items, and where their cards are now."""
    has_card = Q(card__isnull=False)
    return batch.items.aggregate(
        with_card=Count("pk", filter=has_card),
        refused=Count("pk", filter=~Q(refusal="")),
        neither=Count("pk", filter=Q(card=None, refusal="")),
        to_print=Count("pk", filter=Q(card__status=CardState.ISSUED)),
        to_deliver=Count("pk", filter=Q(card__status=CardState.PRINTED)),
        delivered=Count("pk", filter=Q(card__status=CardState.DELIVERED)),
    )
