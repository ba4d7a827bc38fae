"""Input validation of every request: characters that no text has are refused before PostgreSQL fails on them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from cnsportal.formats.text import is_storable

SENTENCE = "O pedido traz um caractere que não é de texto. Apague o campo, digite de novo e envie outra vez."


class PlainTextMiddleware:
    """Looks at address, headers, cookies and forms, after the form was read for its token and before anybody uses it.

    What a view reads by itself (bodies of the API, a certificate) is looked at there: operators.api.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if _is_plain(_around(request)) else _refused(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or getattr(view, "csrf_exempt", False) or _is_plain(_of_form(request)):
            return None
        return _refused(request)


def _around(request: HttpRequest) -> Iterable[Any]:
    yield request.path_info
    yield from (value for name, value in request.META.items() if name.startswith("HTTP_"))
    yield from request.COOKIES.values()
    yield from _pairs(request.GET)


def _of_form(request: HttpRequest) -> Iterable[Any]:
    yield from _pairs(request.POST)
    for name, files in request.FILES.lists():
        yield from (name, *(file.name for file in files))


def _pairs(data: Any) -> Iterable[str]:
    for name, values in data.lists():
        yield from (name, *values)


def _is_plain(texts: Iterable[Any]) -> bool:
    return all(map(is_storable, texts))


def _refused(request: HttpRequest) -> HttpResponse:
    if "/api/" in request.path_info:
        return JsonResponse({"detail": SENTENCE}, status=400)
    return render(request, "400.html", {"sentence": SENTENCE}, status=400)
