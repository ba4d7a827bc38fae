"""Downloads of a card: at its own size, with bleed, on A4, one side as a picture."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from cards.domain.lifecycle import CardState
from cards.forms.batches import ReprintForm
from cards.models import Card
from cards.services.card_files import PRODUCTS, FileProduct, card_file
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView


class DownloadCardFile(PortalView):
    """By POST: that the card left the portal goes on record; one that was printed already, with the reason."""

    permission = Permission.ISSUE_CARDS
    template = "cards/card_reprint.html"

    def post(self, request: PortalRequest, pk: int, name: str) -> HttpResponse:
        card = get_object_or_404(Card.objects.select_related("beneficiary__person"), pk=pk)
        product = PRODUCTS.get(name)
        if product is None:
            raise Http404
        if card.status == CardState.ISSUED:
            return _sent(card, product, request)
        form = ReprintForm(request.POST if "reason" in request.POST or "pedido" in request.POST else None)
        if not form.is_valid():
            return self.page(card=card, product=product, form=form, status=422 if form.is_bound else 200)
        return _sent(card, product, request, form.cleaned_data["reason"])


def _sent(card: Card, product: FileProduct, request: PortalRequest, reason: str = "") -> HttpResponse:
    source = f"beneficiaries.beneficiary:{card.beneficiary_id}"
    content = card_file(card, product, actor=request.user, source=source, reason=reason)
    response = HttpResponse(content, content_type=product.media_type)
    response["Content-Disposition"] = f'attachment; filename="cartao-{card.pk}-{product.file_name}"'
    return response
