"""The upload form of results (RPX)."""

from django import forms


class ResultUploadForm(forms.Form):
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
