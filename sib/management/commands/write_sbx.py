from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from operators.management.base import CommandRefused, OperatorCommand
from sib.formats.sbx.writer import ELEMENTS
from sib.models import Movement, MovementState, SbxFile
from sib.services.movements.draft import draft_movements
from sib.services.movements.update_files import NotAllowed, approve_file, compose_files, copy_file


class Command(OperatorCommand):
    help = "Levanta as movimentações do SIB, compõe os arquivos SBX e os põe na pasta; com --approve, já aprovados."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, metavar="PASTA")
        parser.add_argument("--approve", action="store_true", help="aprova os arquivos; sem isso ficam em rascunho")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        folder = Path(options["out"])
        if not folder.is_dir():
            raise CommandRefused(f"A pasta {folder} não existe. Crie-a ou escolha outra.")
        draft_movements()
        try:
            files = _composed(folder, is_approved=options["approve"])
        except NotAllowed as refusal:
            raise CommandRefused(str(refusal)) from None
        counts = Counter(Movement.objects.filter(file__in=files).values_list("type", flat=True))
        return {
            "files": [file.name for file in files],
            "movements": {element: counts[kind] for kind, element in ELEMENTS.items()},
            "held": Movement.objects.filter(file=None, state=MovementState.HELD).count(),
        }


@transaction.atomic
def _composed(folder: Path, *, is_approved: bool) -> list[SbxFile]:
    """All in the folder, or none composed at all. Raises NotAllowed."""
    files = compose_files(timezone.localdate())
    for file in files:
        if is_approved:
            approve_file(file)
        copy_file(file, folder)
    return files
