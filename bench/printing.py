"""Batches of cards by the very service that a worker calls, and ReportLab's plain drawing of the same contents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from beneficiaries.models import Beneficiary
from cards.models import CardBatch, Kind, Product
from cards.render.batch_outputs import Options
from cards.services import Order, process_batch, reprint_batch, start_batch_of
from cnsportal.jobs import Status
from operators.context import operator_context

PICTURES = 400  # cards: pictures are slow
PLAIN = 500  # and so is what is commonly written
WIDTH, HEIGHT = 242.65, 153.01  # points


def issue(operator_id: int, _cards: int) -> None:
    """Cards for everybody: issued with history and audit, rendered, joined, stored."""
    with operator_context(operator_id):
        _process(start_batch_of(Beneficiary.objects.all()))


def print_cards(operator_id: int, _cards: int) -> None:
    _reprint(operator_id, Product.CARDS)


def print_sheets(operator_id: int, _cards: int) -> None:
    _reprint(operator_id, Product.SHEETS)


def write_records(operator_id: int, _cards: int) -> None:
    _reprint(operator_id, Product.TEXT)


def draw_images(operator_id: int, cards: int) -> None:
    with operator_context(operator_id):
        first = Beneficiary.objects.filter(cards__isnull=False).order_by("pk").values("pk")[:cards]
        few = start_batch_of(Beneficiary.objects.filter(pk__in=first), order=Order(product=Product.IMAGES))
        _give_cards(few)
        _process(few)


def _give_cards(batch: CardBatch) -> None:
    """As if an earlier attempt had issued them."""
    for item in batch.items.all():
        item.card, item.refusal = item.beneficiary.cards.current().get(), ""
        item.save()


def _reprint(operator_id: int, product: Product) -> None:
    """Of the cards of the first batch: nothing is issued, all is read, rendered, joined and stored."""
    with operator_context(operator_id):
        issued = CardBatch.objects.order_by("pk")[0]
        _process(reprint_batch(issued, reason="copia", order=Order(Kind.REPRINT, product, Options())))


def _process(batch: CardBatch) -> None:
    process_batch(batch.pk)
    batch.refresh_from_db()
    if batch.status != Status.DONE or not batch.file:
        raise RuntimeError(f"the batch was not made: {batch.status} {batch.failure}")


def draw_plainly(operator_id: int, cards: int) -> None:
    """As commonly written: a canvas of ReportLab, texts by captions and values, the QR code as its widget."""
    from reportlab.pdfgen.canvas import Canvas

    with operator_context(operator_id):
        canvas = Canvas(str(settings.CNSPORTAL_DATA / "plain.pdf"), pagesize=(WIDTH, HEIGHT))
        for face in _faces(cards):
            _draw_side(canvas, [field for field in face["fields"] if field["side"] == "FRONT"])
            canvas.showPage()
            _draw_side(canvas, [field for field in face["fields"] if field["side"] == "BACK"])
            _draw_code(canvas, face["verification"])
            canvas.showPage()
        canvas.save()


def _faces(cards: int) -> Iterator[dict[str, Any]]:
    issued = CardBatch.objects.order_by("pk")[0]
    items = issued.items.filter(card__isnull=False).order_by("pk")
    yield from items.values_list("card__face_data", flat=True)[:cards].iterator(500)


def _draw_side(canvas: Any, fields: list[dict[str, Any]]) -> None:
    canvas.setFillColorRGB(0.03, 0.31, 0.28)
    canvas.rect(0, HEIGHT - 34, WIDTH, 34, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    for place, field in enumerate(fields):
        x, y = 11 + 110 * (place % 2), HEIGHT - 46 - 18 * (place // 2)
        canvas.setFont("Helvetica", 5.5)
        canvas.drawString(x, y, field["caption"])
        canvas.setFont("Helvetica-Bold", 7)
        canvas.drawString(x, y - 8, field["value"])


def _draw_code(canvas: Any, text: str) -> None:
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing

    code = QrCodeWidget(text, barLevel="M", barWidth=45, barHeight=45)
    renderPDF.draw(Drawing(45, 45, code), canvas, WIDTH - 57, HEIGHT - 90)


def size_of_last_file() -> float:
    """MiB."""
    made = CardBatch.objects.exclude(file="").order_by("-pk")[0]
    return Path(made.file.path).stat().st_size / 2**20
