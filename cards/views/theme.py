"""How the operator's cards look: two colours, a logo, the lines for questions; seen before they count."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cards.face import CardFace, compose
from cards.forms import ThemeForm
from cards.queries import theme_from
from cards.rendering import render_svg
from cards.services.logos import logos_of
from cards.services.theming import Outdated, set_theme, theme_of
from cards.subject import CardSubject
from cards.theme import Theme, main_objection, support_objection
from operators.middleware import PortalRequest
from operators.models import Operator
from operators.permissions import Permission
from operators.views import PortalView

OUTDATED = "Outra pessoa mudou a aparência enquanto esta página estava aberta. Veja como ficou e mude de novo."


class ThemePage(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "cards/theme.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        theme = theme_of(request.operator)
        return self.shown(ThemeForm.of(request.operator, theme), theme.main, theme.support)

    def post(self, request: PortalRequest) -> HttpResponse:
        theme, form = theme_of(request.operator), ThemeForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.shown(form, theme.main, theme.support, status=422)
        if "ver" in request.POST:
            return self.shown(form, form.cleaned_data["main"], form.cleaned_data["support"])
        self._keep(request, form)
        return redirect("cards:theme", request.operator.registration)

    def shown(self, form: ThemeForm, main: str, support: str, status: int = 200) -> HttpResponse:
        colours = urlencode({"principal": main, "apoio": support})
        return self.page(form=form, colours=colours, theme=theme_of(self.request.operator), status=status)

    def _keep(self, request: PortalRequest, form: ThemeForm) -> None:
        held: dict[str, Any] = {name: form.cleaned_data[name] for name in ("logo", "drop_logo", "version")}
        try:
            changed = set_theme(request.operator, form.texts(), actor=request.user, **held)
        except Outdated:
            messages.error(request, OUTDATED)
            return
        messages.success(request, "Aparência guardada. Vale para os próximos cartões." if changed else "Nada mudou.")


class ThemePicture(PortalView):
    """An invented card in these colours, with the operator's logo."""

    permission = Permission.MANAGE_POLICY

    def get(self, request: PortalRequest, side: str) -> HttpResponse:
        face = sample(request.operator, _asked(request, theme_from(theme_of(request.operator))))
        front, back = render_svg(face, logos_of([face]))
        return HttpResponse(front if side == "frente" else back, content_type="image/svg+xml")


def sample(operator: Operator, theme: Theme) -> CardFace:
    subject = CardSubject(
        name="Nome do Beneficiário Exemplo",
        birth_date="1990-01-31",
        cns="100000000010002",
        code="00000000000000000",
        registration=operator.registration,
        trade_name=operator.trade_name,
        legal_name=operator.legal_name,
        phone=operator.phone,
        email=operator.email,
        website=operator.website,
        plan_ans_number="000000000",
        plan_name="Plano Exemplo",
        segmentation_label="Ambulatorial + Hospitalar com obstetrícia",
        accommodation="Coletiva",
        coverage_area="Nacional",
        regulation="R",
        contract="0000/0000",
        contracting="1",
        contracted_on="2026-01-01",
        cover_from="2026-01-01",
        notice=theme_of(operator).notice,
    )
    return compose(subject, on=timezone.localdate(), theme=theme)


def _asked(request: PortalRequest, held: Theme) -> Theme:
    """The colours of the address where they may be used, else the ones kept."""
    main, support = request.GET.get("principal", ""), request.GET.get("apoio", "")
    if main_objection(main) or support_objection(support):
        return held
    return Theme(main, support, held.logo, held.logo_ratio)
