"""The page that previews a card on another day, beside the card of today."""

from dataclasses import replace
from datetime import date

from django.http import Http404, HttpResponse

from cards.domain.face import CardFace
from cards.forms.cards import DayForm
from cards.render.documents import render_svg
from cards.services.issue import Composed
from cards.services.logos import logos_of
from cards.services.preview_on_date import CardPreview, preview_card
from cards.views.cards import CardView, masked
from cards.views.fix_links import fix_links
from cnsportal.web.environment_badge import stamp
from operators.middleware import PortalRequest


class PreviewOnDate(CardView):
    template = "cards/preview_on_date.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        form = DayForm(request.GET) if "dia" in request.GET else DayForm(initial={"dia": "01/01/2027"})
        if not form.is_valid():
            return self.page(link=link, form=form, status=422 if form.is_bound else 200)
        seen = _masked(preview_card(link, form.cleaned_data["dia"]))
        defects = () if isinstance(seen.composed, CardFace) else seen.composed
        return self.page(
            link=link,
            form=form,
            day=form.cleaned_data["dia"],
            seen=seen,
            defects=fix_links(link, request.operator.registration, defects),
        )


class PreviewPicture(CardView):
    def get(self, _request: PortalRequest, pk: int, day: str, side: str) -> HttpResponse:
        try:
            seen = _masked(preview_card(self.link(pk), date.fromisoformat(day)))
        except ValueError as error:
            raise Http404 from error
        if not isinstance(seen.composed, CardFace):
            raise Http404
        front, back = render_svg(seen.composed, logos_of([seen.composed]), stamp=stamp())
        return HttpResponse(front if side == "frente" else back, content_type="image/svg+xml")


def _masked(seen: CardPreview) -> CardPreview:
    return replace(seen, composed=_hidden(seen.composed), today=_hidden(seen.today))


def _hidden(composed: Composed) -> Composed:
    return masked(composed) if isinstance(composed, CardFace) else composed
