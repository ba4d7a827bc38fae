from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from cadsus.models import EnvironmentName
from cadsus.services import check_connection
from operators.commands import OperatorCommand, Refused


class Command(OperatorCommand):
    help = "Testa o caminho até o DATASUS: certificado, token e uma consulta."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--environment", choices=EnvironmentName.values, default=settings.CADSUS_ENVIRONMENT, help="ambiente"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        steps = {}
        for step in check_connection(options["environment"]):
            if not step.passed:
                raise Refused(step.sentence)
            steps[step.name] = step.sentence
        return {"environment": options["environment"], **steps}
