"""The form of an operator's own words for ANS's reasons."""

from typing import Any

from django import forms


class CriticaForm(forms.Form):
    """An operator's own words for a reason of ANS; all blank gives the explanation back to the one for all."""

    title = forms.CharField(
        label="Título", max_length=100, required=False, error_messages={"max_length": "Use até 100 letras."}
    )
    explanation = forms.CharField(
        label="O que quer dizer",
        help_text="Em palavras simples, para quem vai corrigir. Em branco, vale a explicação geral.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Use até 500 letras."},
    )
    next_step = forms.CharField(
        label="O que fazer",
        help_text="O próximo passo, em uma ou duas frases.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Use até 500 letras."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("explanation")) != bool(cleaned.get("next_step")) and not self.errors:
            missing = "next_step" if cleaned["explanation"] else "explanation"
            self.add_error(missing, "Explicação e próximo passo vão juntos: preencha os dois, ou deixe os dois vazios.")
        return cleaned


class NewCriticaForm(CriticaForm):
    field_code = forms.RegexField(
        r"^\d{2}$",
        label="Código do campo",
        help_text="Dois dígitos, como na resposta da ANS: 07 é o CNS.",
        error_messages={"required": "Informe o código do campo.", "invalid": "O código do campo tem dois dígitos."},
    )
    error_code = forms.RegexField(
        r"^\d{4}$",
        label="Código do erro",
        help_text="Quatro dígitos. Em branco, a explicação vale para todos os erros do campo.",
        required=False,
        error_messages={"invalid": "O código do erro tem quatro dígitos."},
    )
    field_order = ("field_code", "error_code", "title", "explanation", "next_step")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("explanation"):
            self.add_error("explanation", "Escreva o que este motivo quer dizer.")
        return cleaned
