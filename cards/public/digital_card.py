"""A beneficiary's own card on the phone: the link, the birth date, the card, its files.

The secret is in the first URL only. The right date gives a cookie that is signed for this one link, sent to
its pages only, and good for CONFIRMATION_SECONDS; every request asks the link itself again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cards.forms.cards import BirthDateForm
from cards.models import CardLink
from cards.models.links import MAX_WRONG_DATES
from cards.render.qr_code import svg_on_white
from cards.services.card_files import FOR_HOLDERS, card_file
from cards.services.digital_links import HOLDER, BirthDateAnswer, confirm, open_card, reached, shown_by
from cnsportal.web.rate_limits import RateLimit, client_ip

CONFIRMATION_SECONDS = 15 * 60
COOKIE = "cartao"
OPENED = RateLimit("card-link", 60, 60)
TRIED = RateLimit("card-link-tried", 30, 3600)
"""By one address: a family behind one router, not a list of links."""

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """In no cache, in no search engine, limited in rate, and its address sent to nobody, as far as a browser is asked.

    ``no-referrer`` would also hide where a form comes from, and with it whether it is ours.
    """

    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = OPENED.consume(client_ip(request))
        response = view(request, *args, **kwargs) if allowed else _page(request, "too_many", 429)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


@private
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """Unknown, ended and taken back look the same. Reading the page counts for nothing: messengers fetch previews."""
    with reached(token=token) as link:
        if link is None:
            return _page(request, "invalid_link", 404)
        if link.is_locked:
            return _page(request, "locked", 403, link)
        form = BirthDateForm(request.POST if request.method == "POST" else None)
        if not form.is_bound:
            return _asked(request, link, form)
        if not TRIED.consume(client_ip(request)):
            return _page(request, "too_many", 429)
        return _judged(request, link, form) if form.is_valid() else _asked(request, link, form, 422)


@private
@require_GET
def opened(request: HttpRequest, record: UUID) -> HttpResponse:
    with reached(record_id=record) as link:
        if link is None or not _confirmed(request, link):
            return _page(request, "confirm_again", 403)
        shown = open_card(link)
        return _page(request, "card", 200, link, opened=shown, products=FOR_HOLDERS, check_address=_check_address())


@private
@require_GET
def qr(request: HttpRequest, record: UUID) -> HttpResponse:
    with reached(record_id=record) as link:
        card = shown_by(link).card if link and _confirmed(request, link) else None
        if card is None:
            raise Http404
        return HttpResponse(svg_on_white(card.face.verification), content_type="image/svg+xml")


@private
@require_POST
def download(request: HttpRequest, record: UUID, name: str) -> HttpResponse:
    """By POST: that the card was taken goes on record."""
    product = next((product for product in FOR_HOLDERS if product.file_name == name), None)
    with reached(record_id=record) as link:
        if link is None or not _confirmed(request, link):
            return _page(request, "confirm_again", 403)
        card = shown_by(link).card
        if card is None or product is None:
            raise Http404
        content = card_file(card, product, source=f"cards.cardlink:{link.pk}", label=HOLDER)
    disposition = f'attachment; filename="{product.file_name}"'
    return HttpResponse(content, content_type=product.media_type, headers={"Content-Disposition": disposition})


@private
@require_POST
def close(request: HttpRequest, record: UUID) -> HttpResponse:
    response = _page(request, "signed_out", 200)
    response.delete_cookie(COOKIE, path=_pages_of(record))
    return response


def _judged(request: HttpRequest, link: CardLink, form: BirthDateForm) -> HttpResponse:
    answer = confirm(link, form.cleaned_data["birth_date"])
    if answer is BirthDateAnswer.LOCKED:
        return _page(request, "locked", 403, link)
    if answer is BirthDateAnswer.WRONG:
        form.refuse(MAX_WRONG_DATES - link.wrong_dates)
        return _asked(request, link, form, 422)
    response = redirect("digital_card", link.record)
    response.set_signed_cookie(
        COOKIE, str(link.pk), salt=_salt(link), max_age=CONFIRMATION_SECONDS, path=_pages_of(link.record),
        secure=request.is_secure(), httponly=True, samesite="Strict",
    )  # fmt: skip
    return response


def _confirmed(request: HttpRequest, link: CardLink) -> bool:
    held = request.get_signed_cookie(COOKIE, "", salt=_salt(link), max_age=CONFIRMATION_SECONDS)
    return held == str(link.pk)


def _salt(link: CardLink) -> str:
    return f"cards.link.{link.record}"


def _pages_of(record: UUID) -> str:
    return reverse("digital_card", args=[record])


def _check_address() -> str:
    """As one types it."""
    return settings.PUBLIC_URL.partition("://")[2] + reverse("card_check_typed")


def _asked(request: HttpRequest, link: CardLink, form: BirthDateForm, status: int = 200) -> HttpResponse:
    return _page(request, "birth_date", status, link, form=form)


def _page(request: HttpRequest, name: str, status: int, link: CardLink | None = None, **context: Any) -> HttpResponse:
    known = {"link": link, "operator": link.operator} if link else {}
    return render(request, f"cards/public/{name}.html", known | context, status=status)


urlpatterns = [
    path("<str:token>", ask, name="digital_card_link"),
    path("aberto/<uuid:record>/", opened, name="digital_card"),
    path("aberto/<uuid:record>/qr.svg", qr, name="digital_card_qr"),
    path("aberto/<uuid:record>/sair", close, name="digital_card_close"),
    path("aberto/<uuid:record>/<str:name>", download, name="digital_card_file"),
]
