"""Certificates of the operator: uploaded, tested, activated, put back, destroyed. No key is ever sent out again."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from cadsus import services
from cadsus.client.connection_check import CheckStep, StepState
from cadsus.forms.credentials import CredentialForm, SmallFileHandler
from cadsus.models import Check, Credential, CredentialState, EnvironmentName
from cadsus.pki.errors import RefusedCertificate, RefusedRotation
from cnsportal.jobs import Status
from operators.auth.reauthentication import ConfirmedView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

_IN_ORDER = Case(
    When(state=CredentialState.ACTIVE, then=Value(0)), When(state=CredentialState.STAGED, then=Value(1)), default=2
)


@dataclass(frozen=True, slots=True)
class EnvironmentCredentials:
    """One environment and what the operator keeps for it."""

    environment: EnvironmentName
    asked: bool  # whether the portal's questions go there
    current: list[Credential]  # in use, and waiting for their turn
    retired: list[Credential]


class CredentialList(PortalView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/credentials.html"

    def get(self, request: PortalRequest) -> HttpResponse:  # noqa: ARG002  (Django's signature)
        kept = list(Credential.objects.order_by(_IN_ORDER, "-sealed_at", "-pk"))
        return self.page(places=[_place(environment, kept) for environment in _environments()])


def _environments() -> list[EnvironmentName]:
    """The one in which the portal asks comes first."""
    return sorted(EnvironmentName, key=lambda name: name != settings.CADSUS_ENVIRONMENT)


def _place(environment: EnvironmentName, kept: list[Credential]) -> EnvironmentCredentials:
    here = [credential for credential in kept if credential.environment == environment]
    retired = [credential for credential in here if credential.state == CredentialState.RETIRED]
    current = [credential for credential in here if credential not in retired]
    return EnvironmentCredentials(environment, environment == settings.CADSUS_ENVIRONMENT, current, retired)


class CredentialDetail(PortalView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/credential.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  (Django's signature)
        credential = get_object_or_404(Credential.objects.select_related("sealed_by"), pk=pk)
        active = credential.state == CredentialState.ACTIVE
        before = Credential.objects.before(credential) if active else None
        return self.page(credential=credential, before=before, **_last_check(credential))


# ---- the live test --------------------------------------------------------------------------------------------------


class TestConnection(PortalView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/_connection_check.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        """The steps so far; when the test is over the page is asked for, once, to show what it says now."""
        credential = get_object_or_404(Credential, pk=pk)
        last = _last_check(credential)
        response = self.page(credential=credential, **last)
        if last["check"] and not last["check"].is_active and request.htmx:  # type: ignore[attr-defined]
            response["HX-Refresh"] = "true"
        return response

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        credential = get_object_or_404(Credential, pk=pk)
        services.start_check(credential.pk, actor=request.user)
        return redirect("cadsus:credential", request.operator.registration, pk)


def _last_check(credential: Credential) -> dict[str, Any]:
    check = Check.objects.filter(credential=credential).order_by("-pk").first()
    return {"check": check, "steps": _step_states(check) if check else []}


def _step_states(check: Check) -> list[tuple[str, StepState, str]]:
    """Each step with its state and what is said of it."""
    taken = {step["name"]: step for step in check.steps}
    ahead = iter([StepState.NOW] if check.status == Status.RUNNING else [])
    later = StepState.LATER if check.is_active else StepState.NEVER
    return [
        (step.value, _state_of(taken[step.name]), taken[step.name]["sentence"])
        if step.name in taken
        else (step.value, next(ahead, later), "")
        for step in CheckStep
    ]


def _state_of(taken: dict[str, Any]) -> StepState:
    return StepState.PASSED if taken["passed"] else StepState.FAILED


# ---- sending one in -------------------------------------------------------------------------------------------------


@method_decorator(csrf_exempt, name="dispatch")  # checked below, once it is settled how the file is received
class UploadCredential(ConfirmedView):
    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/credential_new.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.upload_handlers = [SmallFileHandler(request)]
        return self._checked(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    @method_decorator(sensitive_post_parameters("password"))
    def _checked(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def show(self, request: PortalRequest) -> HttpResponse:
        chosen = request.GET.get("ambiente", settings.CADSUS_ENVIRONMENT)
        return self.page(form=CredentialForm(initial={"environment": chosen}))

    @sensitive_variables("form", "data")
    def do(self, request: PortalRequest) -> HttpResponse:
        form = CredentialForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            environment = EnvironmentName(data["environment"])
            try:
                credential = services.receive_credential(
                    data["file"].read(), data["password"], environment, actor=request.user
                )
            except RefusedCertificate as refused:
                form.refuse(refused.refusal, str(refused))
            else:
                return self._received(request, credential)
        return self.page(form=form, status=422)

    def _received(self, request: PortalRequest, credential: Credential) -> HttpResponse:
        if credential.state == CredentialState.ACTIVE:
            messages.success(request, "Certificado gravado e em uso. Teste a ligação com o DATASUS.")
        else:
            messages.success(request, "Certificado gravado. Teste-o e, quando quiser, ponha-o em uso.")
        return redirect("cadsus:credential", request.operator.registration, credential.pk)


# ---- operations that are confirmed -----------------------------------------------------------------------------------


class CredentialDecision(ConfirmedView):
    """A page that says what will happen, and the button that does it."""

    permission = Permission.MANAGE_CREDENTIALS
    template = "cadsus/credential_decision.html"
    operation: str

    def show(self, request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  (Django's signature)
        credential = get_object_or_404(Credential, pk=pk)
        active = Credential.objects.active().filter(environment=credential.environment).first()
        return self.page(
            operation=self.operation, credential=credential, active=active, before=Credential.objects.before(credential)
        )

    def do(self, request: PortalRequest, pk: int) -> HttpResponse:
        get_object_or_404(Credential, pk=pk)
        try:
            messages.success(request, self.decide(request, pk))
        except RefusedRotation as refused:
            messages.error(request, str(refused))
        return redirect("cadsus:credential", request.operator.registration, pk)

    @abstractmethod
    def decide(self, request: PortalRequest, pk: int) -> str:
        """Do it; what to say then. Raises RefusedRotation."""


class ActivateCredential(CredentialDecision):
    operation = "activate"

    def decide(self, request: PortalRequest, pk: int) -> str:
        services.activate_credential(pk, actor=request.user)
        return (
            "Certificado em uso. As próximas consultas vão com ele; as que estão em andamento terminam com o anterior."
        )


class RollBackCredential(CredentialDecision):
    operation = "roll_back"

    def decide(self, request: PortalRequest, pk: int) -> str:
        services.roll_back(pk, actor=request.user)
        return "O certificado anterior voltou a ser usado; este ficou guardado."


class DestroyCredentialKey(CredentialDecision):
    operation = "destroy"

    def decide(self, request: PortalRequest, pk: int) -> str:
        services.destroy_key(pk, actor=request.user)
        return "A chave foi apagada. O registro do certificado continua aqui."
