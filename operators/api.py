"""What every endpoint for an operator's own systems stands on: a token, a named permission, one operator's context."""

from contextlib import ExitStack
from typing import Any, ClassVar, cast

from django.http import Http404
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operators.context import operator_context
from operators.models import Operator, User, granted
from operators.permissions import Permission


def reader(request: Request) -> User:
    """The account behind the token; IsAuthenticated has seen to it that there is one."""
    return cast("User", request.user)


class OperatorAPI(APIView):
    """An endpoint under ``/o/<registration>/api/``: 401 without a token, 404 for strangers, 403 without the role."""

    permission: ClassVar[Permission]
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user = reader(request)
        operator = Operator.objects.filter(memberships__user=user, registration=kwargs["registration"]).first()
        if operator is None:
            raise Http404
        if self.permission not in granted(user, operator):
            raise PermissionDenied(f"Seu perfil não permite {self.permission.value} nesta operadora.")
        self._context = ExitStack()
        self._context.enter_context(operator_context(operator.pk))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Reached whatever the endpoint did: the place to leave the operator's context."""
        if context := getattr(self, "_context", None):
            context.close()
        return super().finalize_response(request, response, *args, **kwargs)
