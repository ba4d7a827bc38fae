"""What people may send: a search, a reason to see numbers in full, a decision."""

import re
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from operators.middleware import PortalRequest

UNMASK_REASONS = {
    "atendimento": "Atendimento ao beneficiário",
    "conferencia": "Conferência do cadastro",
    "emissao": "Emissão do cartão",
    "titular": "Pedido do titular dos dados",
}
EDITING = "alteracao"
SEEN_BECAUSE = {**UNMASK_REASONS, EDITING: "Alteração do cadastro"}
"""Why numbers were shown in full: what people choose, and what opening a form means."""
_TOKEN = re.compile("[0-9a-f]{24}")
KEPT = 12 * 3600  # seconds: a working day


class SearchForm(forms.Form):
    q = forms.CharField(max_length=150, required=False, strip=True)

    def stash(self, request: PortalRequest) -> str:
        """An opaque word for what was searched, good for a day: names and numbers never stand in an address."""
        text = self.cleaned_data["q"]
        if not text:
            return ""
        token = salted_hmac("beneficiaries.search", f"{request.user.pk}:{request.operator.pk}:{text}").hexdigest()[:24]
        cache.set(_place(request, token), text, KEPT)
        return token


def recall(request: PortalRequest, token: str) -> str:
    """What the reader searched under this word; empty when it was never his or her own, or is too long ago."""
    return str(cache.get(_place(request, token), "")) if _TOKEN.fullmatch(token) else ""


def _place(request: PortalRequest, token: str) -> str:
    return f"search:{request.user.pk}:{request.operator.pk}:{token}"


class UnmaskForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motivo",
        choices=list(UNMASK_REASONS.items()),
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )


class SettleForm(forms.Form):
    decision = forms.ChoiceField(choices=[("accept", "Aceitar"), ("dismiss", "Descartar")])
    note = forms.CharField(label="Observação", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].error_messages = {
            "required": "Aceite ou descarte o número.",
            "invalid_choice": "Aceite ou descarte o número.",
        }

    @property
    def accepts(self) -> bool:
        return bool(self.cleaned_data["decision"] == "accept")
