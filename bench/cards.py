"""Numbers attached, and cards rendered to exact CR80 pages, front and back, with a QR code each."""

from collections.abc import Iterator

from bench import registry
from bench.registry import timed
from bench.table import line
from bench.worker import done
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource
from beneficiaries.services import WantedCns, attach_cns
from cards.models import Card
from cards.queries import issuable
from cards.rendering import render_parts
from cards.services import issue_cards

MOST = 2000


def measure(records: int) -> Iterator[str]:
    with registry.fresh(records) as world:
        done("first night", world.operator.pk, records)
        yield from _attached()
        yield from _issued()


def _attached() -> Iterator[str]:
    """The one door by sets, against one person after the other."""
    held = CnsNumber.objects.current().values_list("person_id", "number")
    offers = [WantedCns(person, number, CnsSource.CNX) for person, number in held]
    one_by_one = timed(lambda: [attach_cns([offer]) for offer in offers])
    together = timed(lambda: attach_cns(offers))
    yield line(f"attach_cns, {len(offers):,} known numbers one by one", one_by_one, len(offers))
    yield line("attach_cns, the same as one set", together, len(offers), f"1/{one_by_one / together:.0f}")


def _issued() -> Iterator[str]:
    links = list(issuable(Beneficiary.objects.all()).order_by("pk").values_list("pk", flat=True))
    issuing = timed(lambda: issue_cards(links))
    yield line("cards issued, with history and audit", issuing, len(links))
    faces = [card.face for card in Card.objects.order_by("pk")]
    rendering = timed(lambda: list(render_parts(faces)))
    yield line("cards rendered to PDF, front and back", rendering, len(faces))
