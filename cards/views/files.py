"""A card as a file: the A4 sheet, one side as a picture."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from cards.models import Card
from cards.services.files import PRODUCTS, card_file
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import PortalView


class TakeFile(PortalView):
    """By POST: that the card left the portal goes on record."""

    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int, name: str) -> HttpResponse:
        card = get_object_or_404(Card.objects.select_related("beneficiary"), pk=pk)
        product = PRODUCTS.get(name)
        if product is None:
            raise Http404
        response = HttpResponse(card_file(card, product, actor=request.user), content_type=product.media_type)
        response["Content-Disposition"] = f'attachment; filename="cartao-{card.pk}-{product.file_name}"'
        return response
