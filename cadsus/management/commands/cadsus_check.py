from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from cadsus.models import EnvironmentName
from cadsus.services import check_connection
from operators.management.base import CommandRefused, OperatorCommand


class Command(OperatorCommand):
    help = "Testa, passo a passo, o caminho até o DATASUS: do certificado guardado a uma consulta."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--environment", choices=EnvironmentName.values, default=settings.CADSUS_ENVIRONMENT, help="ambiente"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        steps = list(check_connection(options["environment"]))
        failed = next((step for step in steps if not step.passed), None)
        if failed:
            raise CommandRefused(f"{failed.name.value}: {failed.sentence}")
        return {"environment": options["environment"], **{step.name.name.lower(): step.sentence for step in steps}}
