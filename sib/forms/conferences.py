"""Forms of conferences: the files of one, and what to do with it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from sib.formats.archives import MAX_FILES

CHOOSE = "Escolha o arquivo da conferência (CNX), como a ANS o gerou, ou compactado em .zip ou .gz."


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """One file or several; the value is a list."""

    widget = FilesInput(attrs={"accept": ".cnx,.xml,.zip,.gz"})

    def clean(self, data: "Sequence[UploadedFile[Any]]", initial: object = None) -> "list[UploadedFile[Any]]":
        if len(data or ()) > MAX_FILES:
            raise forms.ValidationError(f"São {len(data)} arquivos, e uma conferência tem até {MAX_FILES}.")
        return [super(FilesField, self).clean(each, initial) for each in data or [None]]  # type: ignore[list-item]


class ConferenceUploadForm(forms.Form):
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
