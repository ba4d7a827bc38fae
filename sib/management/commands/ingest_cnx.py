import resource
import time
from argparse import ArgumentParser
from typing import Any

from cnsportal.runs import Status
from operators.commands import OperatorCommand, Refused, existing_file
from sib.models import ConferenceFile
from sib.services.processing import process, receive, request_apply, retry


class Command(OperatorCommand):
    help = "Lê uma conferência da ANS (CNX), compara com o cadastro e ensaia; com --apply, aplica pela política."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARQUIVO.CNX")
        parser.add_argument("--apply", action="store_true", help="aplica o que o ensaio decidiu")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        path = existing_file(options["file"])
        began = time.monotonic()
        file, is_new = receive(path, name=path.name, wants_apply=options["apply"])
        if not is_new and file.status in {Status.FAILED, Status.CANCELLED}:
            retry(file, path)
        if options["apply"]:
            request_apply(file)
        process(file.pk)
        file = ConferenceFile.objects.get(pk=file.pk)
        if file.status == Status.FAILED:
            raise Refused(file.failure)
        return {
            "records": file.records,
            "seconds": round(time.monotonic() - began, 3),
            "outcomes": file.outcomes,
            "only_here": file.only_here,
            "applied": file.applied,
            "known": not is_new,
            "hash": file.get_hash_state_display(),
            "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }
