"""Links to the digital card of a beneficiary: created, shown once, listed, revoked."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_variables

from cards.forms.cards import DigitalLinkForm
from cards.models import Card, CardLink, Validity
from cards.services.digital_links import CreatedLink, make_link, revoke_link, send_link
from cards.views.cards import CardView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.services.email import MAIL_ERRORS
from operators.views.base import PortalView

MAX_LISTED = 50


class DigitalLinkList(CardView):
    """Made by POST and shown in its very answer: the address is kept nowhere from which another page could show it."""

    permission = Permission.ISSUE_CARDS
    template = "cards/digital_links.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        return self._list_page(link, DigitalLinkForm(email=link.person.email))

    @sensitive_variables("made")
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        form = DigitalLinkForm(request.POST, email=link.person.email)
        card = Card.objects.current().filter(beneficiary=pk).select_related("beneficiary__person", "operator").first()
        if card is None:
            messages.error(request, "Não há um cartão atual: emita o cartão e crie o link depois.")
            return redirect("cards:digital_links", request.operator.registration, pk)
        if not form.is_valid():
            return self._list_page(link, form, status=422)
        made = make_link(card, Validity(form.cleaned_data["validity"]), actor=request.user)
        sent = _sent(request, made) if form.cleaned_data.get("send") else False
        return self._list_page(link, DigitalLinkForm(email=link.person.email), made=made, sent=sent)

    def _list_page(self, link: Any, form: DigitalLinkForm, *, status: int = 200, **made: Any) -> HttpResponse:
        links = CardLink.objects.filter(card__beneficiary=link.pk).select_related("card", "made_by")
        return self.page(link=link, form=form, links=links.order_by("-pk")[:MAX_LISTED], status=status, **made)


class RevokeDigitalLink(PortalView):
    permission = Permission.ISSUE_CARDS

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(CardLink.objects.select_related("card__beneficiary"), pk=pk)
        if revoke_link(link, actor=request.user):
            messages.success(request, "O link foi revogado: quem o tem não abre mais o cartão.")
        else:
            messages.warning(request, "Este link já não valia. Nada mudou.")
        return redirect("cards:digital_links", request.operator.registration, link.card.beneficiary_id)


@sensitive_variables("made")
def _sent(request: PortalRequest, made: CreatedLink) -> bool:
    """A mail server that is away costs the letter, not the link."""
    try:
        send_link(made, actor=request.user)
    except MAIL_ERRORS:
        messages.error(request, "O e-mail não pôde ser enviado agora. O link vale: copie e entregue por outro meio.")
        return False
    return True
