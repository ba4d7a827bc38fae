import resource
import time
from argparse import ArgumentParser
from typing import Any

from cnsportal.runs import Status
from operators.commands import OperatorCommand, Refused, existing_file
from sib.models import ConferenceFile
from sib.services.processing import forget_refused, process, receive, request_apply, retry

LOOK_AGAIN = 2  # seconds


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
        file = self._through(file.pk)
        if file.status == Status.FAILED:
            forget_refused(file)  # the person at the terminal knows; pages show what came by the folder
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

    def _through(self, pk: int) -> ConferenceFile:
        """The file after its run, ours or that of another worker; one that died is taken over once it is given up."""
        process(pk)
        while (file := ConferenceFile.objects.get(pk=pk)).is_active:
            self.progress(f"Outro processo está com o arquivo ({file.done} registros até agora); aguardando.")
            time.sleep(LOOK_AGAIN)
            ConferenceFile.sweep()
            process(pk)
        return file
