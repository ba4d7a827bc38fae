from argparse import ArgumentParser
from typing import Any

from operators.management.base import CommandRefused, OperatorCommand
from sib.models import CnxStep, ConferenceFile
from sib.queries.apply_summary import REVERTED
from sib.services.conferences.pipeline import process_conference
from sib.services.conferences.revert import request_revert


class Command(OperatorCommand):
    help = "Desfaz o que uma conferência aplicada mudou; recusa onde há trabalho posterior sobre isso."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file_id", type=int, metavar="CONFERÊNCIA", help="o número da conferência")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        file = ConferenceFile.objects.filter(pk=options["file_id"]).first()
        if file is None:
            raise CommandRefused(
                f"A conferência {options['file_id']} não existe nesta operadora. Confira o número na página."
            )
        if not request_revert(file):
            raise CommandRefused("Não há nada a desfazer nesta conferência, ou um processo ainda está com ela.")
        process_conference(file.pk)
        file.refresh_from_db()
        if file.step != CnxStep.REVERTED:
            raise CommandRefused("\n".join([file.failure, *(each["sentence"] for each in file.standing)]))
        return {"reverted": file.differences.filter(answer=REVERTED).count(), "applied": file.applied}
