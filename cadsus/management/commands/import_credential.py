import getpass
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from beneficiaries.domain.identifiers import format_cnpj
from cadsus.models import EnvironmentName
from cadsus.pki.errors import RefusedCertificate
from cadsus.pki.pkcs12 import MAX_FILE_BYTES
from cadsus.services import receive_credential
from cnsportal.formats.br import format_date
from operators.management.base import CommandRefused, OperatorCommand, existing_file, secret_given

PASSWORD_VARIABLE = "CREDENTIAL_PASSWORD"  # noqa: S105  (the variable's name)


class Command(OperatorCommand):
    help = (
        "Guarda, lacrado, o certificado (PKCS#12) com que a operadora consulta o DATASUS. "
        f"A senha vem da variável {PASSWORD_VARIABLE} ou é pedida no terminal."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO.p12")
        parser.add_argument(
            "--environment", choices=EnvironmentName.values, default=settings.CADSUS_ENVIRONMENT, help="ambiente"
        )
        parser.add_argument(
            "--stage", action="store_true", help="guarda sem usar ainda: o uso começa na página dos certificados"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        with existing_file(options["file"]).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        environment, at_once = EnvironmentName(options["environment"]), not options["stage"]
        try:
            credential = receive_credential(data, _password(), environment, activate=at_once)
        except RefusedCertificate as refused:
            raise CommandRefused(str(refused)) from None
        return {
            "holder": credential.holder,
            "cnpj": format_cnpj(credential.cnpj),
            "kind": credential.kind,
            "environment": credential.environment,
            "state": credential.state,
            "valid_until": format_date(timezone.localtime(credential.not_after)),
            "days_left": credential.days_left,
            "sha256": credential.fingerprint,
        }


def _password() -> str:
    given = secret_given(PASSWORD_VARIABLE)
    return given if given is not None else getpass.getpass("Senha do certificado: ")
