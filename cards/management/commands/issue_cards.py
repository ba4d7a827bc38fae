import shutil
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import transaction

from beneficiaries.models import Beneficiary
from cards.models import CardBatch
from cards.queries.eligibility import Omission, issuable, omissions
from cards.services import Order, process_batch, start_batch_of
from operators.formats.atomic_files import temporary_path
from operators.management.argument_types import whole_number
from operators.management.base import CommandRefused, OperatorCommand, file_to_write

PAGES_OF_A_CARD = 2
POSITIVE = whole_number("use um número a partir de 1", least=1)


class Command(OperatorCommand):
    help = "Emite os cartões de quem já pode ter um e grava um PDF com frente e verso de cada um."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, metavar="ARQUIVO.pdf", help="onde gravar o PDF")
        parser.add_argument("--limit", type=POSITIVE, metavar="N", help="no máximo N vínculos")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        out = file_to_write(options["out"], "--out")
        omitted = omissions(Beneficiary.objects.all())
        batch = self._issue(out, options["limit"])
        issued, refusals = _outcomes(batch)
        sentences = refusals + Counter({str(omission.label): count for omission, count in omitted.items()})
        for sentence, count in sentences.most_common():
            self.stderr.write(f"{count} sem cartão: {sentence}")
        return {
            "issued": issued,
            "refused": refusals.total(),
            "left_out": {str(omission): omitted[omission] for omission in Omission if omission in omitted},
            "pages": issued * PAGES_OF_A_CARD,
            "seconds": round(time.monotonic() - started, 2),
        }

    @transaction.atomic
    def _issue(self, out: Path, limit: int | None) -> CardBatch:
        """Issued and printed, or neither: the file takes its place as the last thing before the commit."""
        wanted = issuable(Beneficiary.objects.all()).order_by("pk").values("pk")[:limit]
        batch = start_batch_of(Beneficiary.objects.filter(pk__in=wanted), order=Order(scope="linha de comando"))
        process_batch(batch.pk)
        batch.refresh_from_db()
        if batch.file:
            _write(out, batch)
        return batch


def _outcomes(batch: CardBatch) -> tuple[int, Counter[str]]:
    refused = batch.items.exclude(refusal="").order_by("pk").values_list("refusal", flat=True)
    return batch.items.filter(card__isnull=False).count(), Counter(refused)


def _write(out: Path, batch: CardBatch) -> None:
    try:
        with temporary_path(out) as draft, batch.file.open("rb") as made, draft.open("wb") as target:
            shutil.copyfileobj(made, target)
    except OSError as error:
        batch.file.delete(save=False)
        raise CommandRefused(
            f"O arquivo {out} não pode ser gravado ({error.strerror}). Confira a pasta e o espaço em disco."
        ) from error
