import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from cnsportal.db import peak_memory
from cnsportal.jobs import Status
from operators.management.base import CommandRefused, OperatorCommand, existing_file
from sib.models import ConferenceFile
from sib.services.conferences.pipeline import process_conference, request_apply, why_not_applied
from sib.services.conferences.receive import delete_refused, receive_file, retry_conference, safe_filename

POLL_SECONDS = 2


class Command(OperatorCommand):
    help = "Lê uma conferência da ANS (CNX), compara com o cadastro e ensaia; com --apply, aplica pela política."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="ARQUIVO", nargs="+", help="CNX, .zip ou .gz; vários são um conjunto")
        parser.add_argument("--apply", action="store_true", help="aplica o que o ensaio decidiu")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        paths = [existing_file(name) for name in options["files"]]
        with _as_one(paths) as path:
            return self._ingest(path, safe_filename([each.name for each in paths]), options)

    def _ingest(self, path: Path, name: str, options: dict[str, Any]) -> dict[str, Any]:
        began = time.monotonic()
        file, is_new = receive_file(path, name=name, wants_apply=options["apply"])
        if not is_new and file.status in {Status.FAILED, Status.CANCELLED}:
            retry_conference(file, path, wants_apply=options["apply"])
        if options["apply"]:
            request_apply(file)
        file = self._through(file.pk)
        if file.status == Status.FAILED:
            delete_refused(file)  # the person at the terminal knows; pages show what came by the folder
            raise CommandRefused(file.failure)
        if options["apply"] and not is_new and (sentence := why_not_applied(file)):
            raise CommandRefused(sentence)
        return {
            "conference": file.pk,  # what revert_cnx and onboard_operator ask for
            "records": file.records,
            "seconds": round(time.monotonic() - began, 3),
            "outcomes": file.outcomes,
            "only_here": file.only_here,
            "applied": file.applied,
            "known": not is_new,
            "hash": file.get_hash_state_display(),
            "peak_rss_mib": round(peak_memory.peak_rss_mib(), 1),
        }

    def _through(self, pk: int) -> ConferenceFile:
        """The file after its run, ours or that of another worker; one that died is taken over once it is given up."""
        process_conference(pk)
        while (file := ConferenceFile.objects.get(pk=pk)).is_active:
            self.progress(f"Outro processo está com o arquivo ({file.done} registros até agora); aguardando.")
            time.sleep(POLL_SECONDS)
            ConferenceFile.recover_stalled()
            process_conference(pk)
        return file


@contextmanager
def _as_one(paths: list[Path]) -> Iterator[Path]:
    """The only file, or a folder that shows all of them under their names for as long as they are read."""
    if len(paths) == 1:
        yield paths[0]
        return
    with TemporaryDirectory(prefix="cnx-", dir=settings.CNSPORTAL_DATA) as folder:
        for number, path in enumerate(paths, 1):
            (Path(folder) / f"{number:03d}-{path.name}").symlink_to(path.resolve())
        yield Path(folder)
