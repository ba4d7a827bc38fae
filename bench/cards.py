"""Cards rendered to exact CR80 pages, front and back, with a QR code each."""

import resource
from collections.abc import Iterator

from bench.conference import Row
from bench.registry import World, timed
from beneficiaries.models import Beneficiary
from cards.models import Card
from cards.queries import issuable
from cards.rendering import render_parts
from cards.services import issue_cards

MOST = 2000


def measure(world: World) -> Iterator[Row]:
    links = list(
        issuable(Beneficiary.objects.all()).order_by("pk").values_list("pk", flat=True)[: min(MOST, world.records)]
    )
    issuing = timed(lambda: issue_cards(links))
    yield "cards issued, with history and audit", issuing, len(links) / issuing, "", ""
    faces = [card.face for card in Card.objects.order_by("pk")]
    rendering = timed(lambda: list(render_parts(faces)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield (
        "cards rendered to PDF, front and back",
        rendering,
        len(faces) / rendering,
        "peak memory of the whole run",
        f"{memory:.0f} MiB",
    )
