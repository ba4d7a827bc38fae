"""Re-authentication (step-up): pages that ask again for the password or the second factor."""

from abc import ABC, abstractmethod
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from operators.middleware import PortalRequest
from operators.views.base import PortalView


class ConfirmedView(PortalView, ABC):
    """Shown and done only for somebody who has lately confirmed who he or she is.

    allauth would keep a form that came too late in the session, passwords and all, and send it again afterwards. Here
    it is dropped, and the page shown again.
    """

    def get(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _demand_confirmation(request)
        return self.show(request, *args, **kwargs)

    def post(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _demand_confirmation(request)
        except ReauthenticationRequired:
            messages.warning(request, "A confirmação de que é você venceu: nada foi feito. Repita o pedido.")
            return redirect(request.path)
        return self.do(request, *args, **kwargs)

    @abstractmethod
    def show(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...

    @abstractmethod
    def do(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...


@reauthentication_required
def _demand_confirmation(_request: HttpRequest) -> None:
    """Raises ReauthenticationRequired, which allauth's middleware turns into the way to its page and back."""
