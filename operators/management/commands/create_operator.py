from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError

from operators.management.base import CommandRefused, PortalCommand
from operators.services.operators import register_operator


class Command(PortalCommand):
    help = "Cadastra uma operadora, ou atualiza a que já existe com este registro."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--registration", required=True, help="registro na ANS, 6 dígitos")
        parser.add_argument("--cnpj", required=True, help="CNPJ, com ou sem pontuação")
        parser.add_argument("--legal-name", required=True, help="razão social")
        parser.add_argument("--trade-name", required=True, help="nome fantasia")
        parser.add_argument("--cnes", default="", help="CNES, 7 dígitos (tipo 68, subtipo 05)")
        parser.add_argument("--phone", help="telefone de atendimento; o cartão traz este, o e-mail ou o site")
        parser.add_argument("--email", help="e-mail de atendimento")
        parser.add_argument("--website", help="site, com https://")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        fields = {name: options[name] for name in ("registration", "cnpj", "legal_name", "trade_name", "cnes")}
        contacts = {name: options[name] for name in ("phone", "email", "website") if options[name] is not None}
        try:
            operator, registered = register_operator(**fields, **contacts)
        except ValidationError as error:
            raise CommandRefused(_sentence(error)) from error
        return {"registration": operator.registration, "result": registered.value}


def _sentence(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
