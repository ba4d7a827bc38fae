"""The operator scope (tenant) of a request: read from its address, checked by a membership, set for the view."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from operators.context import operator_context
from operators.models import Membership, Operator, User, granted

GetResponse = Callable[[HttpRequest], HttpResponse]


class PortalRequest(HttpRequest):
    """A request under ``/o/<registration>/``: somebody signed in, with a role at the operator."""

    user: User
    operator: Operator
    permissions: frozenset[Any]


class OperatorMiddleware:
    """Enters the context of the operator named in the address, for those who belong there; others find nothing.

    Views under ``/o/<registration>/`` take no part in this and have no way around it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self._context(request):
            return self.get_response(request)

    def _context(self, request: HttpRequest) -> AbstractContextManager[None]:
        operator = self._operator(request)
        if operator is None:
            return nullcontext()
        request.operator = operator  # type: ignore[attr-defined]
        request.permissions = granted(request.user, operator)  # type: ignore[attr-defined,arg-type]
        return operator_context(operator.pk)

    def _operator(self, request: HttpRequest) -> Operator | None:
        prefix, _, rest = request.path_info.lstrip("/").partition("/")
        if prefix != "o" or not request.user.is_authenticated:
            return None
        mine = Operator.objects.filter(memberships__user=request.user)
        return mine.filter(registration=rest.partition("/")[0]).first()


def require_operator(request: HttpRequest) -> Operator:
    """The request's operator; 404 for a person without a membership there."""
    operator: Operator | None = getattr(request, "operator", None)
    if operator is None:
        raise Http404
    return operator


class PrivateResponseMiddleware:
    """Nothing that a signed-in person sees stays in a shared or local cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
        return response


def portal(request: HttpRequest) -> dict[str, Any]:
    """Template context: the operator of the page, what its reader may do, and at which other operators they work."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "operator": getattr(request, "operator", None),
        "permissions": {permission.name for permission in getattr(request, "permissions", ())},
        "operators": Operator.objects.filter(pk__in=Membership.objects.filter(user=user).values("operator_id")),
    }
