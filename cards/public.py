"""The page behind a card's QR code, open to anybody, limited in rate."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET
from rest_framework.throttling import AnonRateThrottle

from cards.services.checking import check_card


class CardChecks(AnonRateThrottle):
    """One address may ask thirty times a minute: enough for a reception desk, too little to guess."""

    scope = "card_checks"
    rate = "30/min"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:  # noqa: ARG002
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]


@require_GET
def check(request: HttpRequest, code: str) -> HttpResponse:
    if not CardChecks().allow_request(request, check):  # type: ignore[arg-type]
        return render(request, "cards/check.html", {"too_many": True}, status=429)
    found = check_card(code)
    return render(request, "cards/check.html", {"card": found}, status=200 if found else 404)


urlpatterns = [path("<str:code>", check, name="card_check")]
