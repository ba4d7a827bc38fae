"""Base views: a page of an operator, and the progress of a job."""

from typing import Any, ClassVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from cnsportal.jobs import Job
from operators.middleware import PortalRequest, require_operator
from operators.permissions import Permission
from operators.registry import PANELS, Slot
from operators.views.panels import filled_panels


class PortalView(View):
    """A page under ``/o/<registration>/``: names its permission; 404 for strangers, 403 with a sentence for others."""

    permission: ClassVar[Permission]
    template: ClassVar[str]
    request: PortalRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        require_operator(request)
        kwargs.pop("registration")
        if self.permission not in cast("PortalRequest", request).permissions:
            raise PermissionDenied(f"Seu perfil não permite {self.permission.value} nesta operadora.")
        return super().dispatch(request, *args, **kwargs)

    def may(self, permission: Permission) -> bool:
        return permission in self.request.permissions

    def page(self, *, fragment: str = "", status: int = 200, **context: Any) -> HttpResponse:
        """The template, or to htmx its fragment alone."""
        if fragment and self.request.htmx:  # type: ignore[attr-defined]
            return render(self.request, fragment, context, status=status)
        context["banners"] = filled_panels(PANELS[Slot.BANNERS], self.request)
        return render(self.request, self.template, context, status=status)


class JobProgress(PortalView):
    """Progress polling: the bar of a job alone. When the job is over the whole page is asked for, once."""

    model: ClassVar[type[Job]]
    template = "components/progress.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        job = get_object_or_404(self.model, pk=pk)
        response = self.page(fragment=self.template, job=job, address=request.path)
        if not job.is_active and request.htmx:  # type: ignore[attr-defined]
            response["HX-Refresh"] = "true"
        return response


def _to_login(request: HttpRequest) -> HttpResponse:
    """A fragment must not swallow the login page: htmx is redirected there."""
    target = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    return HttpResponseClientRedirect(target.url) if request.htmx else target  # type: ignore[attr-defined]
