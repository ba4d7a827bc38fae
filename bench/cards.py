"""Numbers attached; cards issued, and printed by the batch: exact CR80 pages, front and back, a QR code each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from bench import registry
from bench.filling import settle
from bench.printing import PICTURES, PLAIN, size_of_last_file
from bench.registry import timed
from bench.table import line
from bench.worker import Cost, done
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from cards.models import Card
from cards.queries.eligibility import issuable
from cards.services import issue_cards
from cards.services.batches import STEP_CARDS

ATTACHED = 2_000  # one by one is slow
MAX_LINKS = 20_000  # each with a card


def measure(records: int) -> Iterator[str]:
    with registry.fresh(records) as world:
        done("first night", world.operator.pk, records)
        settle()
        yield from _attached()
        yield from _issued()
        yield from _printed(world.operator.pk)


def _attached() -> Iterator[str]:
    """The one door by sets, against one person after the other."""
    held = CnsNumber.objects.current().values_list("person_id", "number")
    offers = [CnsOffer(person, number, CnsSource.CNX) for person, number in held[:ATTACHED]]
    one_by_one = timed(lambda: [attach_cns([offer]) for offer in offers])
    together = timed(lambda: attach_cns(offers))
    yield line(f"attach_cns, {len(offers):,} known numbers one by one", one_by_one, len(offers))
    yield line("attach_cns, the same as one set", together, len(offers), f"1/{one_by_one / together:.0f}")


def _printed(operator_id: int) -> Iterator[str]:
    """Batches as a worker makes them, each in a process of its own with its presses; the peak is the largest's."""
    issuing = done("issue cards", operator_id, 1)
    count = Card.objects.count()
    few = min(PLAIN, count)
    plain = done("draw plainly", operator_id, few)
    yield _line("ReportLab: the same contents drawn plainly", plain, few)
    yield _line("batch issued, rendered, joined and stored", issuing, count, plain, few)
    for name, operation in _OPERATIONS.items():
        yield _line(f"batch {name}", done(operation, operator_id, count), count, plain, few)
        yield f"    {size_of_last_file():,.0f} MiB"
    few_pictures = min(PICTURES, count)
    yield _line("batch of PNG, 300 dpi, two a card", done("draw images", operator_id, few_pictures), few_pictures)


_OPERATIONS = {
    "rendered, joined and stored": "print cards",
    "on A4 sheets, 10 up": "print sheets",
    "of fixed-width records": "write records",
}


def _line(name: str, cost: Cost, count: int, plain: Cost | None = None, few: int = 0) -> str:
    ratio = f"{plain.seconds / few / (cost.seconds / count):.1f}x" if plain else ""
    return line(f"{count:,} cards, {name}", cost.seconds, count, ratio, cost.peak)


def _issued() -> Iterator[str]:
    links = list(issuable(Beneficiary.objects.all()).order_by("pk").values_list("pk", flat=True))
    with rolled_back():
        issuing = timed(
            lambda: [issue_cards(links[place : place + STEP_CARDS]) for place in range(0, len(links), STEP_CARDS)]
        )
    yield line("cards issued, with history and audit", issuing, len(links))


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
