from django import forms

from cards.checkcode import LENGTH, normal, read
from cards.services.checking import TAIL

VOID_REASONS = {
    "dados": "O CNS ou outro dado está errado",
    "perda": "O cartão foi perdido ou roubado",
    "titular": "Pedido do titular",
    "conferencia": "A conferência que trouxe o CNS vai ser desfeita",
}


class VoidForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motivo",
        choices=list(VOID_REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )


class CheckForm(forms.Form):
    """For a clinic's reception desk, where the QR code cannot be read."""

    code = forms.CharField(
        label="Código de conferência",
        help_text="São dez letras e números, impressos junto do QR Code. O traço não faz diferença.",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Digite o código que está junto do QR Code."},
    )
    tail = forms.CharField(
        label="Últimos 4 caracteres da matrícula",
        help_text="A matrícula está na frente do cartão.",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Digite os últimos 4 caracteres da matrícula."},
    )

    def clean_code(self) -> str:
        code = read(self.cleaned_data["code"])
        if code:
            return code
        typed = len(normal(self.cleaned_data["code"]))
        if typed != LENGTH:
            raise forms.ValidationError(f"O código tem {LENGTH} caracteres, e aqui há {typed}. Confira no cartão.")
        raise forms.ValidationError("Há um caractere trocado: o código não tem 0, 1, I, L nem O. Confira no cartão.")

    def clean_tail(self) -> str:
        tail = normal(self.cleaned_data["tail"])
        if not tail:
            raise forms.ValidationError("Digite as letras e os números do fim da matrícula.")
        return tail[-TAIL:]
