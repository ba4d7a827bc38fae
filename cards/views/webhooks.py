"""The operator's webhook: set, tested, paused, with its last deliveries."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_variables

from cards.forms.cards import WebhookForm
from cards.models import Delivery, Webhook
from cards.services.webhooks import pause_webhook, set_webhook, try_webhook
from operators.auth.reauthentication import ConfirmedView
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

MAX_LISTED = 20


class WebhookDetail(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "cards/webhook.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        return self.page(hook=Webhook.objects.select_related("changed_by").first(), deliveries=_deliveries())


class SetWebhook(ConfirmedView):
    """The secret is shown in the answer to the very form that made it, and nowhere else."""

    permission = Permission.MANAGE_POLICY
    template = "cards/webhook_set.html"

    def show(self, _request: PortalRequest) -> HttpResponse:
        hook = Webhook.objects.first()
        return self.page(form=WebhookForm(initial={"url": hook.url if hook else ""}), hook=hook)

    @sensitive_variables("secret")
    def do(self, request: PortalRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.page(form=form, hook=Webhook.objects.first(), status=422)
        secret = set_webhook(form.cleaned_data["url"], actor=request.user)
        return self.page(secret=secret)


class TestWebhook(PortalView):
    permission = Permission.MANAGE_POLICY

    def post(self, request: PortalRequest) -> HttpResponse:
        hook = Webhook.objects.select_related("operator").first()
        if hook is None:
            messages.error(request, "Não há endereço: informe um primeiro.")
        elif (tried := try_webhook(hook, actor=request.user)).is_accepted:
            messages.success(request, f"O endereço respondeu {tried.status} em {tried.milliseconds} ms.")
        else:
            taken = f"respondeu {tried.status}, e deve responder de 200 a 299."
            messages.error(request, f"O endereço {taken if tried.status else f'não respondeu: {tried.explained}.'}")
        return redirect("cards:webhook", request.operator.registration)


class PauseWebhook(PortalView):
    permission = Permission.MANAGE_POLICY

    def post(self, request: PortalRequest) -> HttpResponse:
        paused = request.POST.get("fazer") == "pausar"
        if pause_webhook(paused=paused, actor=request.user):
            done = "pausada: os eventos esperam" if paused else "retomada: o que esperava vai agora"
            messages.success(request, f"Entrega {done}.")
        return redirect("cards:webhook", request.operator.registration)


def _deliveries() -> list[Delivery]:
    return list(Delivery.objects.order_by("-pk")[:MAX_LISTED])
