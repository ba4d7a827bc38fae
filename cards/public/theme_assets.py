"""Colours and logo of digital cards, under names made of their content: browsers cache them permanently.

Nothing in them is personal data, and a card may be handed to anybody: no sign-in is needed.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cards.domain.theme import main_objection, stylesheet, support_objection
from cards.services.logos import logo_of

FOR_GOOD = cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)


@FOR_GOOD
@require_safe
def colours(_request: HttpRequest, main: str, support: str) -> HttpResponse:
    """Only of colours on which the texts can be read."""
    pair = f"#{main}", f"#{support}"
    if main_objection(pair[0]) or support_objection(pair[1]):
        raise Http404
    return HttpResponse(stylesheet(*pair), content_type="text/css")


@FOR_GOOD
@require_safe
def logo(_request: HttpRequest, sha256: str) -> HttpResponse:
    content = logo_of(sha256)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/png")


urlpatterns = [
    path("aparencia/<str:main>-<str:support>.css", colours, name="card_colours"),
    path("aparencia/<str:sha256>.png", logo, name="card_logo"),
]
