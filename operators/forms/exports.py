"""How a list is taken away: format, and CPF and CNS masked or, for a reason, in full."""

from typing import Any

from django import forms

from operators.models import ExportFormat
from operators.permissions import UNMASK_REASONS


class ExportForm(forms.Form):
    kind = forms.ChoiceField(
        label="Formato",
        choices=ExportFormat.choices,
        error_messages={"required": "Escolha o formato.", "invalid_choice": "Escolha um dos formatos da lista."},
    )
    reason = forms.ChoiceField(
        label="CPF e CNS",
        required=False,
        error_messages={"invalid_choice": "Seu perfil não permite números completos, ou o motivo não é da lista."},
    )

    def __init__(self, *args: Any, may_unmask: bool, has_numbers: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_numbers:
            del self.fields["reason"]
            return
        reasons = [(code, f"completos, para: {label.lower()}") for code, label in UNMASK_REASONS.items()]
        self.fields["reason"].choices = [("", "mascarados"), *(reasons if may_unmask else [])]  # type: ignore[attr-defined]
