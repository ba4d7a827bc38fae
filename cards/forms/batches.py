"""Forms of batches and second copies: reason, selection, output."""

from typing import Any

from django import forms

from beneficiaries.forms.fields import MunicipalityField
from beneficiaries.models import Plan
from cards.domain.lifecycle import SECOND_COPY
from cards.models import IssueReason, Kind, Product
from cards.queries.filters import MAX_CODES, STATES, TO_ISSUE, UFS, codes_in
from cards.render.batch_outputs import PPI, Options
from cards.render.sheet_layout import COLUMNS as SHEETS_OF
from cards.render.sheet_layout import FLIPS
from cards.services import Order

REPRINT_REASONS = {
    "falha": "A impressão falhou ou saiu borrada",
    "danificado": "O cartão se danificou antes da entrega",
    "copia": "Cópia do arquivo: nada vai ser impresso de novo",
}
MAX_FILE_BYTES = 5 * 1024 * 1024
CHOOSE_REASON = {"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."}


class SecondCopyForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motivo",
        choices=[(reason.value, IssueReason(reason).label.capitalize()) for reason in SECOND_COPY],
        widget=forms.RadioSelect,
        error_messages=CHOOSE_REASON,
    )


class ReprintForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motivo",
        choices=list(REPRINT_REASONS.items()),
        widget=forms.RadioSelect,
        error_messages=CHOOSE_REASON,
    )


class PolicyForm(forms.Form):
    cards_without_cns = forms.BooleanField(
        label="Emitir cartões de quem ainda não tem CNS",
        help_text="O cartão mostra “não informado” e volta à lista de reemissão quando o número chegar.",
        required=False,
    )


class ScopeForm(forms.Form):
    """By what a list of cards is narrowed; blank is any. Nothing here is personal data."""

    plano: "forms.ModelChoiceField[Plan]" = forms.ModelChoiceField(
        label="Plano", queryset=None, required=False, empty_label="Todos"
    )
    empresa = forms.CharField(
        label="Empresa", help_text="CNPJ ou parte do nome da contratante.", max_length=100, required=False
    )
    contrato = forms.CharField(label="Contrato", help_text="Número do contrato.", max_length=20, required=False)
    uf = forms.ChoiceField(
        label="Estado", choices=[("", "Todos"), *sorted(UFS.items(), key=lambda uf: uf[1])], required=False
    )
    municipio = MunicipalityField("Município")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plano"].queryset = Plan.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class BatchForm(ScopeForm):
    """For whom, what is made of it, and whether it is only rehearsed."""

    situacao = forms.ChoiceField(
        label="Quem",
        choices=[
            *((state, f"Pelo filtro: {STATES[state].lower()}") for state in TO_ISSUE),
            ("lista", "Pela lista de códigos abaixo"),
        ],
        initial="emitiveis",
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha para quem.", "invalid_choice": "Escolha uma das opções."},
    )
    codigos = forms.CharField(
        label="Códigos", help_text="Um por linha, como estão no cadastro.", widget=forms.Textarea, required=False
    )
    arquivo = forms.FileField(
        label="Arquivo CSV", help_text="A primeira coluna traz o código. Até 5 MiB.", required=False
    )
    saida = forms.ChoiceField(
        label="O que fazer",
        choices=Product.choices,
        initial=Product.CARDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha a saída.", "invalid_choice": "Escolha uma das saídas."},
    )
    por_folha = forms.TypedChoiceField(
        label="Cartões por folha A4", choices=[(up, str(up)) for up in SHEETS_OF], coerce=int, initial=10
    )
    verso = forms.ChoiceField(
        label="Virar a folha",
        help_text="Como a impressora vira o papel na frente e verso.",
        choices=list(zip(FLIPS, ("pela borda longa", "pela borda curta"), strict=True)),
    )
    marcas = forms.BooleanField(label="Marcas de corte nas folhas", required=False, initial=True)
    sangria = forms.BooleanField(
        label="Sangria de 3 mm no PDF de cartões", help_text="Para impressoras que cortam o cartão.", required=False
    )
    dpi = forms.TypedChoiceField(
        label="Resolução das imagens", choices=[(ppi, f"{ppi} dpi") for ppi in PPI], coerce=int, initial=300
    )
    field_order = ("situacao", "plano", "empresa", "contrato", "uf", "municipio", "codigos", "arquivo", "saida")

    def clean_arquivo(self) -> list[str]:
        sent = self.cleaned_data["arquivo"]
        if not sent:
            return []
        if sent.size > MAX_FILE_BYTES:
            raise forms.ValidationError("O arquivo tem mais de 5 MiB. Deixe só a coluna dos códigos.")
        try:
            return codes_in(_decoded(sent.read()))
        except UnicodeDecodeError:
            raise forms.ValidationError("O arquivo não é um texto CSV. Salve-o como CSV e envie de novo.") from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("situacao") == "lista" and "arquivo" in data:
            codes = list(dict.fromkeys([*codes_in(data.get("codigos", "")), *data["arquivo"]]))
            if not codes:
                self.add_error("codigos", "Cole os códigos ou escolha um arquivo.")
            if len(codes) > MAX_CODES:
                self.add_error("codigos", f"São {len(codes)} códigos, e um lote tem até {MAX_CODES}. Divida a lista.")
            data["codes"] = codes
        return data

    def ordered(self, kind: Kind, scope: str) -> Order:
        data = self.cleaned_data
        options = Options(data["por_folha"], data["verso"], data["marcas"], data["dpi"], data["sangria"])
        return Order(kind, data["saida"], options, scope)


def _decoded(content: bytes) -> str:
    """UTF-8, or what spreadsheets of Windows write."""
    if b"\0" in content:
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "binary")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252")
