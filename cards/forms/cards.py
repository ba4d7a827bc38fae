from collections.abc import Callable
from typing import Any, Self

from django import forms
from django.conf import settings

from cards.domain.check_code import CODE_CHARACTERS, normal, read
from cards.domain.logos import MAX_BYTES, InvalidLogo, Picture, read_logo
from cards.domain.theme import main_objection, support_objection
from cards.models import Validity
from cards.services.verify import TAIL_DIGITS
from cnsportal.formats.br import DATE_FORMAT, DATE_INPUT_FORMATS
from operators.models import CardTheme, Operator

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
        if typed != CODE_CHARACTERS:
            raise forms.ValidationError(
                f"O código tem {CODE_CHARACTERS} caracteres, e aqui há {typed}. Confira no cartão."
            )
        raise forms.ValidationError("Há um caractere trocado: o código não tem 0, 1, I, L nem O. Confira no cartão.")

    def clean_tail(self) -> str:
        tail = normal(self.cleaned_data["tail"])
        if not tail:
            raise forms.ValidationError("Digite as letras e os números do fim da matrícula.")
        return tail[-TAIL_DIGITS:]


class DayForm(forms.Form):
    dia = forms.DateField(
        label="Como em",
        help_text="Dia, mês e ano, como em 01/01/2027.",
        input_formats=DATE_INPUT_FORMATS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Digite a data.", "invalid": "Digite uma data que exista, como 01/01/2027."},
    )


class BirthDateForm(forms.Form):
    birth_date = forms.DateField(
        label="Data de nascimento de quem é o cartão",
        help_text="Dia, mês e ano, como em 31/12/1990.",
        input_formats=[DATE_FORMAT, "%d%m%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "dd/mm/aaaa"}),
        error_messages={
            "required": "Digite a data de nascimento.",
            "invalid": "Digite uma data que exista, com dia, mês e ano: 31/12/1990.",
        },
    )

    def refuse(self, left: int) -> None:
        tries = "Resta 1 tentativa" if left == 1 else f"Restam {left} tentativas"
        self.add_error("birth_date", f"Não é esta a data que a operadora tem. Confira e digite de novo. {tries}.")


class DigitalLinkForm(forms.Form):
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
            self.fields["send"].help_text = f"Para {_masked(email)}, o e-mail do cadastro."
        else:
            del self.fields["send"]


def _masked(email: str) -> str:
    """``camila@exemplo.com.br`` → ``c•••@exemplo.com.br``."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


class ThemeForm(forms.Form):
    """How the operator's cards look and whom they name for questions."""

    TEXTS = ("main", "support", "notice", "phone", "email", "website")

    main = forms.CharField(
        label="Cor principal",
        help_text="Faixa do nome e títulos; o texto sobre ela é branco. Como #084f48.",
        error_messages={"required": "Escreva a cor principal."},
    )
    support = forms.CharField(
        label="Cor de apoio",
        help_text="Fundo dos contatos; o texto sobre ela é escuro. Como #e8f2ef.",
        error_messages={"required": "Escreva a cor de apoio."},
    )
    logo = forms.FileField(
        label="Logotipo",
        required=False,
        help_text="PNG ou JPEG de até 1 MB. Só os pontos da imagem são guardados.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={"empty": "O arquivo do logotipo está vazio. Escolha outro."},
    )
    drop_logo = forms.BooleanField(label="Tirar o logotipo dos próximos cartões", required=False)
    phone = forms.CharField(
        label="Telefone de atendimento", max_length=20, error_messages={"required": "Informe o telefone."}
    )
    email = forms.EmailField(
        label="E-mail de atendimento", required=False, error_messages={"invalid": "Confira o e-mail."}
    )
    website = forms.URLField(
        label="Site", required=False, assume_scheme="https", error_messages={"invalid": "Confira o endereço do site."}
    )
    notice = forms.CharField(
        label="Informações", required=False, max_length=120, help_text="Uma frase no verso, se houver o que dizer."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, operator: Operator, theme: CardTheme) -> Self:
        held = {"main": theme.main, "support": theme.support, "notice": theme.notice, "version": theme.version}
        contacts = {"phone": operator.phone, "email": operator.email, "website": operator.website}
        return cls(initial={**held, **contacts})

    def clean_main(self) -> str:
        return _colour(self.cleaned_data["main"], main_objection)

    def clean_support(self) -> str:
        return _colour(self.cleaned_data["support"], support_objection)

    def clean_logo(self) -> Picture | None:
        sent = self.cleaned_data["logo"]
        try:
            return read_logo(sent.read(MAX_BYTES + 1)) if sent else None
        except InvalidLogo as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.TEXTS}


def _colour(text: str, objection: Callable[[str], str]) -> str:
    colour = text.strip().lower()
    if sentence := objection(colour):
        raise forms.ValidationError(sentence)
    return colour


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
