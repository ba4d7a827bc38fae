"""A card as a file: the same few products for the staff's systems and for the card's holder."""

from enum import Enum, unique

from django.db import transaction

from cards.domain.catalogue import Side
from cards.models import Card
from cards.render.documents import render_pdf, render_png, render_sheet
from cards.services.logos import logos_of
from cnsportal.web.environment_badge import stamp
from operators.audit import Event, EventKind, record
from operators.models import User


@unique
class FileProduct(Enum):
    """The file's name in addresses, what it is, and what a phone calls it."""

    CARD = "cartao.pdf", "application/pdf", "PDF, do tamanho do cartão"
    FRONT = "frente.png", "image/png", "Imagem da frente"
    BACK = "verso.png", "image/png", "Imagem do verso"
    SHEET = "componente-cadastral.pdf", "application/pdf", "PDF em folha A4, com todos os dados"
    BLEED = "cartao-com-sangria.pdf", "application/pdf", "PDF com sangria, para a gráfica"

    def __init__(self, file_name: str, media_type: str, label: str) -> None:
        self.file_name = file_name
        self.media_type = media_type
        self.label = label


PRODUCTS = {product.file_name: product for product in FileProduct}
FOR_HOLDERS = tuple(product for product in FileProduct if product is not FileProduct.BLEED)


@transaction.atomic
def card_file(
    card: Card, product: FileProduct, *, actor: User | None = None, source: str = "", label: str = "", reason: str = ""
) -> bytes:
    """The card as it was issued; that it left the portal is on record: who took it or by which way, and why again."""
    data = {"via": card.via, "file": product.file_name, **({"reason": reason} if reason else {})}
    kind, person_id = EventKind.CARD_DOWNLOADED, card.beneficiary.person_id
    record([Event(kind, "card", card.pk, person_id, actor, source, data, label)])
    return _rendered(card, product)


def _rendered(card: Card, product: FileProduct) -> bytes:
    face, mark = card.face, stamp()
    logos = logos_of([face])
    if product in (FileProduct.CARD, FileProduct.BLEED):
        return render_pdf([face], logos, bleed=product is FileProduct.BLEED, stamp=mark)
    if product is FileProduct.SHEET:
        return render_sheet(face, logos, stamp=mark)
    side = Side.FRONT if product is FileProduct.FRONT else Side.BACK
    return render_png(face, side, ppi=600, logos=logos, stamp=mark)
