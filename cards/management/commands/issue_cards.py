import time
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from beneficiaries.models import Beneficiary
from cards.models import Card
from cards.queries import issuable
from cards.rendering import join_pdf, render_parts
from cards.services import issue_cards, logos_of
from operators.commands import OperatorCommand, Refused
from operators.files import draft_of

STEP = 500
PAGES_OF_A_CARD = 2


class Command(OperatorCommand):
    help = "Emite os cartões de quem já pode ter um e grava um PDF com frente e verso de cada um."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, metavar="ARQUIVO.pdf", help="onde gravar o PDF")
        parser.add_argument("--limit", type=_positive, metavar="N", help="no máximo N vínculos")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        out = Path(options["out"])
        if not out.parent.is_dir():
            raise Refused(f"A pasta {out.parent} não existe. Crie a pasta ou escolha outra em --out.")
        issued, refusals = self._issue(out, options["limit"])
        for sentence, count in refusals.most_common():
            self.stderr.write(f"{count} sem cartão: {sentence}")
        return {
            "issued": issued,
            "refused": refusals.total(),
            "pages": issued * PAGES_OF_A_CARD,
            "seconds": round(time.monotonic() - started, 2),
        }

    @transaction.atomic
    def _issue(self, out: Path, limit: int | None) -> tuple[int, Counter[str]]:
        """Issued and printed, or neither: the file takes its place as the last thing before the commit."""
        refusals: Counter[str] = Counter()
        parts: list[bytes] = []
        issued = 0
        for cards in self._cards(limit, refusals):
            faces = [card.face for card in cards]
            parts += render_parts(faces, logos_of(faces))
            issued += len(cards)
            self.progress(f"{issued} cartões")
        if parts:
            _write(out, join_pdf(parts))
        return issued, refusals

    def _cards(self, limit: int | None, refusals: Counter[str]) -> Iterator[tuple[Card, ...]]:
        links = list(islice(_issuable_ids(), limit))
        for start in range(0, len(links), STEP):
            issuance = issue_cards(links[start : start + STEP])
            refusals.update(issuance.refused.values())
            yield issuance.cards


def _issuable_ids() -> Iterator[int]:
    return issuable(Beneficiary.objects.all()).order_by("pk").values_list("pk", flat=True).iterator()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("use um número a partir de 1")
    return int(text)


def _write(out: Path, content: bytes) -> None:
    try:
        with draft_of(out) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise Refused(
            f"O arquivo {out} não pode ser gravado ({error.strerror}). Confira a pasta e o espaço em disco."
        ) from error
