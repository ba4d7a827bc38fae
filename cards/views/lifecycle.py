"""Actions on a card: issued, issued again, printed, delivered, lost, voided."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from cards.domain.lifecycle import CardState, Reason
from cards.forms.batches import SecondCopyForm
from cards.forms.cards import VoidForm
from cards.models import Card
from cards.services import Issuance, issue_cards, move_card, void_card
from cards.views.cards import CardView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

MARKS = {CardState.PRINTED: "marcada como impressa", CardState.DELIVERED: "marcada como entregue"}


class IssueCard(CardView):
    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        _show_messages(request, issue_cards([link.pk], actor=request.user))
        return redirect("cards:card", request.operator.registration, pk)


class IssueSecondCopy(CardView):
    """A further via that says the same, for a reason."""

    permission = Permission.ISSUE_CARDS
    template = "cards/card_second_copy.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.page(link=self.link(pk), form=SecondCopyForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        link, form = self.link(pk), SecondCopyForm(request.POST)
        if not form.is_valid():
            return self.page(link=link, form=form, status=422)
        reason = Reason(form.cleaned_data["reason"])
        _show_messages(request, issue_cards([link.pk], actor=request.user, reason=reason))
        return redirect("cards:card", request.operator.registration, pk)


def _show_messages(request: PortalRequest, issuance: Issuance) -> None:
    if issuance.cards:
        messages.success(request, f"Cartão emitido: {issuance.cards[0].via}ª via.")
    for sentence in issuance.refused.values():
        messages.error(request, sentence)


class MarkCard(PortalView):
    """Printed, or handed out."""

    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        card = _card(pk)
        state = next((state for state in MARKS if state.value == request.POST.get("para")), None)
        if state and move_card(card, state, actor=request.user):
            messages.success(request, f"{card.via}ª via {MARKS[state]}.")
        else:
            messages.error(request, f"A {card.via}ª via está como “{card.get_status_display()}”. Nada mudou.")
        return redirect("cards:card", request.operator.registration, card.beneficiary_id)


class EndCard(PortalView, ABC):
    """A question before a card ends permanently."""

    permission = Permission.ISSUE_CARDS
    form: ClassVar[type[forms.Form]] = forms.Form

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.page(card=_card(pk), form=self.form())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        card, form = _card(pk), self.form(request.POST)
        if not form.is_valid():
            return self.page(card=card, form=form, status=422)
        if sentence := self.end(card, form.cleaned_data):
            messages.success(request, sentence)
        else:
            messages.error(request, "Esta via já não era a atual. Nada mudou.")
        return redirect("cards:card", request.operator.registration, card.beneficiary_id)

    @abstractmethod
    def end(self, card: Card, data: dict[str, Any]) -> str:
        """What was done, in a sentence; blank when the card had ended before."""


class VoidCard(EndCard):
    template = "cards/card_void.html"
    form = VoidForm

    def end(self, card: Card, data: dict[str, Any]) -> str:
        ended = void_card(card, reason=data["reason"], actor=self.request.user)
        return f"A {card.via}ª via foi anulada." if ended else ""


class ReportCardLost(EndCard):
    template = "cards/card_lost.html"

    def end(self, card: Card, data: dict[str, Any]) -> str:  # noqa: ARG002  (nothing is asked)
        ended = move_card(card, CardState.LOST, actor=self.request.user)
        return f"A {card.via}ª via foi dada por perdida. Emita outra quando precisar." if ended else ""


def _card(pk: int) -> Card:
    return get_object_or_404(Card.objects.select_related("beneficiary__person"), pk=pk)
