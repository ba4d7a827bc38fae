from django import forms

from operators.formats.display_names import title_problem, visible


class NamesForm(forms.Form):
    """What cards, letters and pages call the operator."""

    legal_name = forms.CharField(
        label="Razão social",
        max_length=150,
        help_text="Como está no CNPJ. Fica no verso do cartão.",
        error_messages={
            "required": "Informe a razão social.",
            "max_length": "A razão social passa de %(limit_value)d letras: abrevie.",
        },
    )
    trade_name = forms.CharField(
        label="Nome fantasia",
        max_length=100,
        help_text="Fica na frente do cartão, nos e-mails e no alto destas páginas.",
        error_messages={
            "required": "Informe o nome fantasia; se não houver, repita a razão social.",
            "max_length": "O nome fantasia passa de %(limit_value)d letras: abrevie.",
        },
    )

    def clean(self) -> dict[str, str]:
        """What is seen of them, and no markup."""
        cleaned = {name: visible(text) for name, text in self.cleaned_data.items()}
        for name, text in cleaned.items():
            if problem := title_problem(text):
                self.add_error(name, problem[0].upper() + problem[1:])
        return cleaned
