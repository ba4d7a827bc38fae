"""The public verification of a card: by its QR code, or by the check code and the registration typed from it.

Only typing errors are distinguished; docs/security.md says what guessing would take.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from cards.forms.cards import CheckForm
from cards.services.verify import CardCheck, check_card, check_typed
from cnsportal.web.rate_limits import RateLimit, client_ip

SCANNED = RateLimit("card-scanned", 30, 60)
TYPED = (RateLimit("card-typed", 10, 60), RateLimit("card-typed-day", 120, 24 * 3600))
"""By one address: enough for a reception desk."""

TYPED_BY_ALL = RateLimit("card-typed-all", 600, 60)
TYPED_ONE_CODE = RateLimit("card-typed-code", 10, 3600)


@never_cache
@require_GET
def scanned(request: HttpRequest, code: str) -> HttpResponse:
    if not SCANNED.consume(client_ip(request)):
        return _too_many(request)
    return _answered(request, check_card(code))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest) -> HttpResponse:
    """By POST, so that what is typed appears in no URL and no log."""
    form = CheckForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "cards/public/check_form.html", {"form": form})
    if not form.is_valid():
        return render(request, "cards/public/check_form.html", {"form": form}, status=422)
    if not _may_type(request, form.cleaned_data["code"]):
        return _too_many(request)
    return _answered(request, check_typed(**form.cleaned_data))


def _may_type(request: HttpRequest, code: str) -> bool:
    """What one address has used up does not count against the others."""
    address = client_ip(request)
    return all(limit.consume(address) for limit in TYPED) and TYPED_BY_ALL.consume() and TYPED_ONE_CODE.consume(code)


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "cards/public/check.html", {"too_many": True}, status=429)


def _answered(request: HttpRequest, found: CardCheck | None) -> HttpResponse:
    return render(request, "cards/public/check.html", {"card": found}, status=200 if found else 404)


urlpatterns = [path("", typed, name="card_check_typed"), path("<str:code>", scanned, name="card_check")]
