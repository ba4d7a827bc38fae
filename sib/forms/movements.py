"""Forms of movements: the month of a file, and a cancellation."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from cnsportal.formats.br import DATE_INPUT_FORMATS, format_date
from sib.domain.sbx_rules import REASONS


class SbxFileForm(forms.Form):
    competence = forms.DateField(
        label="Competência",
        input_formats=["%m/%Y"],
        widget=forms.DateInput(format="%m/%Y", attrs={"placeholder": "mm/aaaa", "inputmode": "numeric", "size": 8}),
        error_messages={
            "required": "Informe a competência (mês e ano).",
            "invalid": "A competência é um mês e um ano, como 11/2026.",
        },
    )


class CancellationForm(forms.Form):
    """What only a person can say of somebody whom only ANS knows."""

    day = forms.DateField(
        label="Data do cancelamento",
        input_formats=DATE_INPUT_FORMATS,
        widget=forms.DateInput(attrs={"placeholder": "dd/mm/aaaa", "inputmode": "numeric"}),
        error_messages={"required": "Informe a data do cancelamento.", "invalid": "A data não existe. Use dd/mm/aaaa."},
    )
    reason = forms.ChoiceField(
        label="Motivo",
        choices=[("", "Escolha o motivo"), *((code, f"{code}: {words}") for code, words in REASONS.items())],
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )

    def __init__(self, *args: Any, contracted: date | None = None, **kwargs: Any) -> None:
        """``contracted``: day of the contract that ANS has."""
        super().__init__(*args, **kwargs)
        self.contracted = contracted

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError("A data está no futuro. Espere a data chegar, ou corrija-a.")
        if self.contracted and day < self.contracted:
            raise forms.ValidationError(f"O cancelamento é anterior à contratação, de {format_date(self.contracted)}.")
        return day
