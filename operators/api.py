"""The base of every API endpoint: an API token, a permission, one operator's context."""

from contextlib import ExitStack
from typing import Any, ClassVar, cast

from django.http import Http404, HttpRequest, HttpResponseBase
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The operator's context is left whatever the endpoint did, an exception nobody expected included."""
        with ExitStack() as self._context:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user = reader(request)
        operator = Operator.objects.filter(memberships__user=user, registration=kwargs["registration"]).first()
        if operator is None:
            raise Http404
        if self.permission not in granted(user, operator):
            raise PermissionDenied(f"Seu perfil não permite {self.permission.value} nesta operadora.")
        self._context.enter_context(operator_context(operator.pk))
