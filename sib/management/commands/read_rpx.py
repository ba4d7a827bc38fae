from argparse import ArgumentParser
from typing import Any

from cnsportal.jobs import Status
from operators.management.base import CommandRefused, OperatorCommand, existing_file
from sib.models import RpxFile
from sib.services.results.receive import receive_rpx, settle_rpx


class Command(OperatorCommand):
    help = "Lê o resultado de um arquivo SBX (RPX) e o aplica: recusas, CCO das inclusões, o que foi aceito."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO.RPX")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        path = existing_file(options["file"])
        file, is_new = receive_rpx(path, name=path.name)
        settle_rpx(file.pk)
        file = RpxFile.objects.get(pk=file.pk)
        if file.status != Status.DONE:
            raise CommandRefused(file.failure or "Outro processo está com este arquivo. Aguarde e tente de novo.")
        return {
            "sbx": file.sbx_name,
            "result": file.result,
            "accepted": file.accepted,
            "rejected": file.rejected,
            "included": file.included,
            "refusal": file.refusal_code,
            "warnings": file.warnings,
            "findings": len(file.findings),
            "known": not is_new,
            "hash": file.get_hash_state_display(),
        }
