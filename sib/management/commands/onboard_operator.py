from argparse import ArgumentParser
from typing import Any

from cnsportal.jobs import Status
from operators.management.base import CommandRefused, OperatorCommand
from sib.models import ConferenceFile
from sib.services import onboarding


class Command(OperatorCommand):
    help = "Traz para o cadastro o que só uma conferência tem: pessoas, vínculos, famílias, empresas, planos e CNS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file_id", type=int, metavar="CONFERÊNCIA", help="o número da conferência")
        parser.add_argument("--inactive", action="store_true", help="também os registros inativos")
        parser.add_argument("--apply", action="store_true", help="grava; sem isso só ensaia")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        file = ConferenceFile.objects.filter(pk=options["file_id"]).first()
        if file is None:
            raise CommandRefused(
                f"A conferência {options['file_id']} não existe nesta operadora. Confira o número na página."
            )
        if not onboarding.can_found(file):
            raise CommandRefused("Esta conferência não tem registros a trazer, ou há outra mais nova.")
        run = onboarding.request_founding(file, with_inactive=options["inactive"])
        onboarding.process_onboarding(run.pk)
        if options["apply"] and onboarding.confirm_onboarding(run):
            onboarding.process_onboarding(run.pk)
        run.refresh_from_db()
        return {**run.counts, "numbers": run.numbers or run.counts["numbers"], "applied": run.status == Status.DONE}
