"""What people send: the files of one conference, and what is to be done with it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from cnsportal.formats.br import DATE_INPUT_FORMATS, format_date
from operators.models import Operator
from sib.domain.reconcile import Outcome
from sib.domain.sbx_rules import REASONS
from sib.formats.archives import MOST_FILES

ALONE = (
    Outcome.CNS_NEW,
    Outcome.CNS_CHANGED,
    Outcome.CNS_CONFIRMED,
    Outcome.REVIEW,
    Outcome.OTHER_PERSON,
    Outcome.DIVERGENT,
)
"""Outcomes that applying does something about."""

CHOOSE = "Escolha o arquivo da conferência (CNX), como a ANS o gerou, ou compactado em .zip ou .gz."


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """One file or several; the value is a list."""

    widget = FilesInput(attrs={"accept": ".cnx,.xml,.zip,.gz"})

    def clean(self, data: "Sequence[UploadedFile[Any]]", initial: object = None) -> "list[UploadedFile[Any]]":
        if len(data or ()) > MOST_FILES:
            raise forms.ValidationError(f"São {len(data)} arquivos, e uma conferência tem até {MOST_FILES}.")
        return [super(FilesField, self).clean(each, initial) for each in data or [None]]  # type: ignore[list-item]


class SendForm(forms.Form):
    sent = FilesField(
        label="Arquivo da conferência",
        help_text="CNX como a ANS o gerou, ou compactado em .zip ou .gz. Vários da mesma conferência vão juntos.",
        error_messages={
            "required": CHOOSE,
            "empty": "Um dos arquivos está vazio. Baixe-o da ANS de novo.",
            "max_length": "O nome de um dos arquivos é longo demais. Mude o nome e envie de novo.",
        },
        max_length=250,
    )
    deed = forms.ChoiceField(
        label="Depois de ler",
        choices=[
            ("ensaiar", "Só ensaiar: mostrar o que mudaria, sem gravar nada"),
            ("aplicar", "Ensaiar e aplicar: gravar os números que o ensaio aceitar"),
        ],
        initial="ensaiar",
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha o que fazer depois de ler.", "invalid_choice": "Escolha uma das duas."},
    )


class PolicyForm(forms.Form):
    """What the operator lets its nights do by themselves."""

    auto_tier = forms.ChoiceField(
        label="Vincular um CNS sem revisão",
        help_text="No nível A, CPF, nome e nascimento são iguais. No B, o nome está abreviado ou o sobrenome mudou.",
        choices=[(tier.value, tier.label[0].upper() + tier.label[1:]) for tier in Operator.AutoTier],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Escolha até onde o portal vincula sozinho.",
            "invalid_choice": "Escolha um nível.",
        },
    )
    cnx_auto_apply = forms.BooleanField(
        label="Aplicar sozinho as conferências que chegam pela pasta de entrada", required=False
    )
    outcomes = forms.MultipleChoiceField(
        label="O que aplicar sozinho",
        help_text="O que não for marcado fica ensaiado, à espera de alguém.",
        choices=[(outcome.name, outcome.value[0].upper() + outcome.value[1:]) for outcome in ALONE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Marque só resultados da lista."},
    )

    @classmethod
    def of(cls, operator: Operator) -> "PolicyForm":
        chosen = operator.cnx_auto_outcomes or [outcome.name for outcome in ALONE]
        policy = {"auto_tier": operator.auto_tier, "cnx_auto_apply": operator.cnx_auto_apply, "outcomes": chosen}
        return cls(initial=policy)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("cnx_auto_apply") and not cleaned.get("outcomes") and "outcomes" not in self.errors:
            self.add_error("outcomes", "Marque ao menos um resultado, ou desmarque a aplicação automática.")
        return cleaned

    def policy(self) -> dict[str, Any]:
        """As the operator keeps it: no outcome named where all are meant."""
        data, every = self.cleaned_data, [outcome.name for outcome in ALONE]
        outcomes = [] if set(data["outcomes"]) == set(every) else sorted(data["outcomes"])
        return {
            "auto_tier": data["auto_tier"],
            "cnx_auto_apply": data["cnx_auto_apply"],
            "cnx_auto_outcomes": outcomes if data["cnx_auto_apply"] else [],
        }


class SendAnswerForm(forms.Form):
    sent = forms.FileField(
        label="Arquivo do resultado",
        help_text="RPX como a ANS o gerou, ou compactado em .zip ou .gz. Um por vez.",
        widget=forms.FileInput(attrs={"accept": ".rpx,.xml,.zip,.gz"}),
        error_messages={
            "required": "Escolha o arquivo do resultado (RPX), como a ANS o gerou.",
            "empty": "O arquivo está vazio. Baixe-o da ANS de novo.",
            "max_length": "O nome do arquivo é longo demais. Mude o nome e envie de novo.",
        },
        max_length=250,
    )


class ExplainForm(forms.Form):
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


class NewCriticaForm(ExplainForm):
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


class ComposeForm(forms.Form):
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
