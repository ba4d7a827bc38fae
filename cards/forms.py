from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import escape

from cards.checkcode import LENGTH, normal, read
from cards.models import Validity
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


class BirthDateForm(forms.Form):
    birth_date = forms.DateField(
        label="Data de nascimento de quem é o cartão",
        help_text="Dia, mês e ano, como em 31/12/1990.",
        input_formats=["%d/%m/%Y", "%d%m%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "dd/mm/aaaa"}),
        error_messages={
            "required": "Digite a data de nascimento.",
            "invalid": "Digite uma data que exista, com dia, mês e ano: 31/12/1990.",
        },
    )

    def refuse(self, left: int) -> None:
        tries = "Resta 1 tentativa" if left == 1 else f"Restam {left} tentativas"
        self.add_error("birth_date", f"Não é esta a data que a operadora tem. Confira e digite de novo. {tries}.")


class LinkForm(forms.Form):
    validity = forms.TypedChoiceField(
        label="Vale por",
        choices=Validity.choices,
        coerce=int,
        initial=Validity.MONTH,
        error_messages={"required": "Escolha por quanto tempo.", "invalid_choice": "Escolha um prazo da lista."},
    )
    send = forms.BooleanField(label="Enviar também por e-mail", required=False)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """``email``: of the person, as the registry has it; where there is none, nothing is offered."""
        super().__init__(*args, **kwargs)
        if email:
            self.fields["send"].help_text = escape(f"Para {_masked(email)}, o e-mail do cadastro.")
        else:
            del self.fields["send"]


def _masked(email: str) -> str:
    """``camila@exemplo.com.br`` → ``c•••@exemplo.com.br``."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


class WebhookForm(forms.Form):
    url = forms.URLField(
        label="Endereço do seu sistema",
        help_text="Começa com https://, na porta 443, e é alcançado pela internet.",
        assume_scheme="https",
        max_length=300,
        error_messages={"required": "Informe o endereço.", "invalid": "Informe um endereço completo, com https://."},
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.startswith("https://") and not settings.DEVELOPMENT:
            raise forms.ValidationError("O endereço deve começar com https://: os eventos não viajam sem criptografia.")
        if "@" in url:
            raise forms.ValidationError("Tire do endereço o usuário e a senha: o seu sistema confere a assinatura.")
        return url
