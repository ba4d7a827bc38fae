"""Pages of no app: health check, choice of colours, error page."""

from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from cnsportal.web.environment_badge import practice

THEMES = frozenset({"light", "dark"})
YEAR_SECONDS = 365 * 24 * 3600


@require_GET
def health(_request: HttpRequest) -> JsonResponse:
    """The health check (liveness): 200 while the database and the broker answer, else 503; says which."""
    state = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


class HealthMiddleware:
    """Answers the pulse under whatever name and scheme: balancers and containers ask by address, and over HTTP."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return health(request) if request.path_info == "/health" else self.get_response(request)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return False
    return True


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in this browser."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if safe else "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "tema", chosen, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def server_error(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    """Says under which request id (correlation id) the log has the reason; needs neither the database nor a context."""
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return HttpResponseServerError(render_to_string("500.html", {"error_id": request_id, **practice(request)}))
