"""The upload form of a certificate: kept in memory, no longer than it takes to read it."""

from io import BytesIO
from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from cadsus.models import EnvironmentName
from cadsus.pki.errors import CertificateRefusal
from cadsus.pki.pkcs12 import MAX_FILE_BYTES

MAX_PASSWORD_CHARACTERS = 128


class SmallFileHandler(FileUploadHandler):
    """Keeps one byte more than a certificate may have, never on disk; what comes after is read and dropped.

    Read, because a browser that is cut off in mid-sentence would not show why the file is refused.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  (Django's signature)
        self._kept.write(raw_data[: MAX_FILE_BYTES + 1 - self._kept.tell()])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:  # noqa: ARG002  (Django's signature)
        size = self._kept.tell()
        self._kept.seek(0)
        return InMemoryUploadedFile(
            self._kept, self.field_name, str(self.file_name), self.content_type, size, self.charset
        )


class CredentialForm(forms.Form):
    environment = forms.ChoiceField(
        label="Ambiente",
        choices=[(name.value, name.label.capitalize()) for name in EnvironmentName],
        error_messages={"required": "Escolha o ambiente.", "invalid_choice": "Escolha um dos ambientes da lista."},
    )
    file = forms.FileField(
        label="Arquivo do certificado",
        help_text="O e-CNPJ da operadora: arquivo .p12 ou .pfx, de até 64 KiB, com a chave privada e a cadeia.",
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx,application/x-pkcs12"}),
        error_messages={
            "required": "Escolha o arquivo .p12 ou .pfx do certificado.",
            "empty": "O arquivo está vazio. Escolha o arquivo .p12 ou .pfx do certificado.",
        },
    )
    password = forms.CharField(
        label="Senha do certificado",
        help_text="Serve só para abrir o arquivo agora; não é guardada. Em branco, se o arquivo não tiver senha.",
        max_length=MAX_PASSWORD_CHARACTERS,
        strip=False,
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"A senha tem mais de {MAX_PASSWORD_CHARACTERS} caracteres. Confira a senha."},
    )

    def refuse(self, refusal: CertificateRefusal, sentence: str) -> None:
        """Beside the field that it is about."""
        self.add_error("password" if refusal is CertificateRefusal.WRONG_PASSWORD else "file", sentence)
