"""The theme of the operator's cards: two colours, a logo, contacts; with a preview before it is saved."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from cards.domain.face import Incomplete
from cards.forms.cards import ThemeForm
from cards.render.documents import DoesNotFit, misfits, render_svg
from cards.services.theme import set_theme, theme_of
from cards.services.theme_preview import Look, changed_look, draft, look_of, sample, save_draft
from cnsportal.db.optimistic_lock import EditConflict
from cnsportal.web.environment_badge import stamp
from operators.middleware import PortalRequest
from operators.models import Operator
from operators.permissions import Permission
from operators.views.base import PortalView

CONFLICT = "Outra pessoa mudou a aparência enquanto esta página estava aberta. Veja como ficou e mude de novo."


class EditTheme(PortalView):
    permission = Permission.MANAGE_POLICY
    template = "cards/theme.html"
    preview = "cards/_theme_preview.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(form=ThemeForm.of(request.operator, theme_of(request.operator)))

    def post(self, request: PortalRequest) -> HttpResponse:
        form = ThemeForm(request.POST, request.FILES)
        valid = form.is_valid()
        look = _judged(form, request.operator)
        if "ver" in request.POST:
            return self._seen(form, look)
        if not valid or form.errors:
            return self.page(form=form, status=422)
        self._save(request, form)
        return redirect("cards:theme", request.operator.registration)

    def _seen(self, form: ThemeForm, look: Look) -> HttpResponse:
        """To a page that asks while somebody types: the picture alone with what is wrong; htmx would drop a 422."""
        live = bool(self.request.htmx)  # type: ignore[attr-defined]
        name = save_draft(self.request.operator, look)
        return self.page(fragment=self.preview, form=form, draft=name, status=422 if form.errors and not live else 200)

    def _save(self, request: PortalRequest, form: ThemeForm) -> None:
        held: dict[str, Any] = {name: form.cleaned_data[name] for name in ("logo", "drop_logo", "version")}
        try:
            changed = set_theme(request.operator, form.texts(), actor=request.user, **held)
        except EditConflict:
            messages.error(request, CONFLICT)
            return
        messages.success(request, "Aparência gravada. Vale para os próximos cartões." if changed else "Nada mudou.")


def _judged(form: ThemeForm, operator: Operator) -> Look:
    """What the form makes of the look; a text that a card cannot hold is reported beside its field."""
    look = changed_look(look_of(operator), form.cleaned_data)
    try:
        defects = misfits([sample(operator, look)]).get(0, ())
    except Incomplete as incomplete:
        defects = incomplete.defects
    for defect in defects:
        if defect.field in form.fields:
            form.add_error(defect.field, defect.sentence)
    return look


class ThemePicture(PortalView):
    """An invented card, as a draft would have it or as the next cards are."""

    permission = Permission.MANAGE_POLICY

    def get(self, request: PortalRequest, side: str) -> HttpResponse:
        look = draft(request.operator, request.GET.get("rascunho", "")) or look_of(request.operator)
        try:
            front, back = render_svg(sample(request.operator, look), look.logos, stamp=stamp())
        except (Incomplete, DoesNotFit) as refusal:
            raise Http404 from refusal
        return HttpResponse(front if side == "frente" else back, content_type="image/svg+xml")
