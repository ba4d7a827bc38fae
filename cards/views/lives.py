"""What is done to a card: issued, taken away as a file, withdrawn."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from cards.forms import VoidForm
from cards.models import Card
from cards.services import card_pdf, issue_cards, void_card
from cards.views.cards import CardView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import PortalView


class Issue(CardView):
    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        issuance = issue_cards([link.pk], actor=request.user)
        if issuance.cards:
            messages.success(request, f"Cartão emitido: {issuance.cards[0].via}ª via.")
        for sentence in issuance.refused.values():
            messages.error(request, sentence)
        return redirect("cards:card", request.operator.registration, pk)


class Download(PortalView):
    """By POST: that the card left the portal goes on record."""

    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        card = get_object_or_404(Card, pk=pk)
        response = HttpResponse(card_pdf(card, actor=request.user), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="cartao-{card.pk}.pdf"'
        return response


class Void(PortalView):
    permission = Permission.ISSUE_CARDS
    template = "cards/void.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.page(card=_card(pk), form=VoidForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        card, form = _card(pk), VoidForm(request.POST)
        if not form.is_valid():
            return self.page(card=card, form=form, status=422)
        if void_card(card, reason=form.cleaned_data["reason"], actor=request.user):
            messages.success(request, f"A {card.via}ª via foi anulada.")
        else:
            messages.error(request, "Esta via já não era a atual. Nada mudou.")
        return redirect("cards:card", request.operator.registration, card.beneficiary_id)


def _card(pk: int) -> Card:
    return get_object_or_404(Card.objects.select_related("beneficiary__person"), pk=pk)
