from django import forms

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
