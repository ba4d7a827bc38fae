"""A file of beneficiaries sent by a page, and what its headings mean."""

from typing import Any

from django import forms

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.domain.column_names import COLUMN_LABELS
from beneficiaries.domain.csv_columns import COLUMNS, REQUIRED
from beneficiaries.forms.fields import CellField
from beneficiaries.models import ImportRun
from beneficiaries.services.csv_import.import_file import FullRegistry

NOT_READ = "Não importar esta coluna"


class ImportUploadForm(forms.Form):
    sent = forms.FileField(
        label="Planilha dos beneficiários",
        help_text="CSV ou XLSX, com os títulos na primeira linha. Se os títulos forem os do seu sistema, o portal "
        "pergunta uma vez o que cada um quer dizer.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": "Escolha a planilha, em CSV ou XLSX.",
            "empty": "O arquivo está vazio. Confira se a exportação terminou.",
            "max_length": "O nome do arquivo é longo demais. Mude o nome e envie de novo.",
        },
        max_length=250,
    )
    is_everybody = forms.BooleanField(
        label="A planilha tem todos os beneficiários ativos",
        help_text="O ensaio mostra também quem está no cadastro e não está na planilha.",
        required=False,
    )
    cancelled_on = CellField(
        "dataCancelamento",
        "Cancelar quem não está na planilha, a partir de",
        hint="Deixe em branco para não cancelar ninguém.",
    )
    cancellation_reason = forms.ChoiceField(
        label="Motivo do cancelamento",
        required=False,
        choices=[("", "Escolha o motivo"), *((code, names[0]) for code, names in CANCELLATION_REASONS.items())],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, reason, everybody = (data.get(key) for key in ("cancelled_on", "cancellation_reason", "is_everybody"))
        if day and not reason:
            self.add_error("cancellation_reason", "Escolha o motivo do cancelamento.")
        if reason and not day and "cancelled_on" not in self.errors:
            self.add_error("cancelled_on", "Diga a data do cancelamento.")
        if day and not everybody:
            self.add_error("is_everybody", "Só uma planilha de todos diz quem saiu. Marque esta opção.")
        return data

    @property
    def everybody(self) -> FullRegistry | None:
        data = self.cleaned_data
        return FullRegistry(data["cancelled_on"], data["cancellation_reason"]) if data["is_everybody"] else None


class ColumnsForm(forms.Form):
    """One field for each heading of the file."""

    def __init__(self, data: Any, *, run: ImportRun) -> None:
        super().__init__(data)
        self._headings = [heading for heading, _, _ in run.headings]
        choices = [("", NOT_READ), *((column, f"{COLUMN_LABELS[column]} ({column})") for column in COLUMNS)]
        for place, (heading, example, column) in enumerate(run.headings):
            self.fields[f"coluna-{place}"] = forms.ChoiceField(
                label=heading or f"coluna {place + 1}, sem título",
                help_text=example,
                choices=choices,
                initial=column,
                widget=forms.Select({"class": "input"}),
                required=False,
                error_messages={"invalid_choice": "Escolha uma das colunas da lista."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [column for column in data.values() if column]
        for name, column in list(data.items()):  # add_error takes them out
            if column and chosen.count(column) > 1:
                self.add_error(name, f"{COLUMN_LABELS[column]} foi escolhida em mais de uma coluna. Deixe só uma.")
        missing = [COLUMN_LABELS[column].lower() for column in REQUIRED if column not in chosen]
        if missing:
            raise forms.ValidationError(f"Falta dizer qual coluna é: {', '.join(missing)}.")
        return data

    @property
    def columns(self) -> dict[str, str]:
        return dict(zip(self._headings, self.cleaned_data.values(), strict=True))
