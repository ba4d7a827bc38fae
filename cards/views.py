"""Cards: who may have one and who may not, how it looks, and the wish to issue it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from beneficiaries.identifiers import digits, mask_cns
from beneficiaries.models import Beneficiary, Person
from cards.catalogue import Side
from cards.face import CardFace
from cards.forms import VoidForm
from cards.models import Card, CardStatus
from cards.queries import Hindrance, issuable, with_hindrance
from cards.rendering import render_svg
from cards.services import card_pdf, issue_cards, preview, void_card
from cards.services.issuing import Composed
from cnsportal.lately import lately
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views import Panel, PortalView, counted, facets, newest_first

STATES = (
    ("emitiveis", "Podem ser emitidos"),
    ("impedidos", "Sem CNS"),
    ("emitidos", "Com cartão"),
    ("cancelados", "Vínculo cancelado"),
)


class Cards(PortalView):
    permission = Permission.VIEW_CARDS
    template = "cards/cards.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = newest_first(request, _with_cards(_chosen(request.GET.get("situacao", ""))))
        return self.page(page=page, states=facets(request, "situacao", STATES, every="Todos"))


class CardView(PortalView):
    """A page about the card of one link."""

    permission = Permission.VIEW_CARDS

    def link(self, pk: int) -> Any:
        """With ``current_cards`` and ``card_hindrance``."""
        return get_object_or_404(_with_cards(with_hindrance(Beneficiary.objects.all())), pk=pk)


class CardPage(CardView):
    template = "cards/card.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        composed, current = preview(link), _current(link)
        shown = _shown(composed, current)
        return self.page(
            link=link,
            current=current,
            hindrance=_hindrance(link),
            defects=() if isinstance(composed, CardFace) else composed,
            fields=_fields(shown) if shown else {},
            cards=link.cards.select_related("issued_by").order_by("-via"),
        )


class Picture(CardView):
    """One side of the card, the CNS masked: who needs it in full downloads the card."""

    def get(self, _request: PortalRequest, pk: int, side: str) -> HttpResponse:
        link = self.link(pk)
        face = _shown(preview(link), _current(link))
        if face is None:
            raise Http404
        front, back = render_svg(masked(face))
        return HttpResponse(front if side == "frente" else back, content_type="image/svg+xml")


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


def _chosen(state: str) -> QuerySet[Beneficiary]:
    links = Beneficiary.objects.all()
    if state == "emitiveis":
        return issuable(links)
    if state == "emitidos":
        return with_hindrance(links).filter(cards__status=CardStatus.ISSUED)
    hindrance = {"impedidos": Hindrance.NO_CNS, "cancelados": Hindrance.CANCELLED}.get(state)
    found: QuerySet[Any] = with_hindrance(links)
    return found.filter(card_hindrance=hindrance) if hindrance else found


def _with_cards(links: QuerySet[Beneficiary]) -> QuerySet[Beneficiary]:
    current: QuerySet[Card] = Card.objects.current()
    return links.select_related("person", "plan").prefetch_related(
        Prefetch("cards", current, to_attr="current_cards"),
    )


def _current(link: Any) -> Card | None:
    return next(iter(link.current_cards), None)


def _shown(composed: Composed, current: Card | None) -> CardFace | None:
    """What a card issued now would show; the current one where none can be issued."""
    if isinstance(composed, CardFace):
        return composed
    return current.face if current else None


def masked(face: CardFace) -> CardFace:
    fields = (
        replace(field, value=mask_cns(digits(field.value)).replace("*", "•")) if field.key == "cns" else field
        for field in face.fields
    )
    return replace(face, fields=tuple(fields))


def _fields(face: CardFace) -> dict[str, list[tuple[str, str]]]:
    """Caption and text of both sides, for those who cannot see the picture."""
    shown = masked(face)
    return {side.name.lower(): [(field.caption, field.value) for field in shown.on(side)] for side in Side}


def _panel(request: PortalRequest) -> dict[str, Any]:
    issuable_links, issued = lately(f"cards:{request.operator.pk}", _count)
    return {
        "issuable": issuable_links,
        "issued": issued,
        "href": reverse("cards:cards", args=[request.operator.registration]) + "?situacao=emitiveis",
    }


def _count() -> tuple[int, int]:
    return counted(issuable(Beneficiary.objects.all())), Card.objects.current().count()


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    links = _with_cards(with_hindrance(Beneficiary.objects.filter(person=person)))
    return {"links": [(link, _hindrance(link)) for link in links.order_by("pk")]}


def _hindrance(link: Any) -> Hindrance | None:
    return Hindrance(link.card_hindrance) if link.card_hindrance else None


cards_panel = Panel(Permission.VIEW_CARDS, "cards/_panel.html", _panel)
person_panel = Panel(Permission.VIEW_CARDS, "cards/_person.html", _of_person)
