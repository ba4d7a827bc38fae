"""Cards as PDF, PNG and SVG, and their A4 sheets: Typst templates, data in as JSON, bytes out. Pure.

Equal faces give equal bytes: no date, no random identifier, the package's fonts and none of the machine's. Logos come
by the SHA-256 that their faces name, as PNG.
"""

import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst

from cards.domain.a4_component import sections_of
from cards.domain.catalogue import Side, item
from cards.domain.check_code import shown
from cards.domain.face import CardFace, Defect
from cards.render import qr_code
from cards.render.font_metrics import fonts
from cards.render.imposition import card_size, sheets, sides
from cards.render.layout import QR_LEFT, QR_MM, QR_TOP, compose_layout
from cards.render.pdf_merge import PdfJoiner, with_trim
from cards.render.shared_layers import layered

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
SHEET = TEMPLATE.with_name("sheet.typ")
BLEED_MM = 3
TITLE = "Cartões de identificação do beneficiário"
CARDS_PER_DOCUMENT = 20  # cards in one document: Typst remembers its last ten documents
BATCH_CARDS_PER_DOCUMENT = 100  # of a batch: the fonts, and what all cards show, are paid for once in as many
_PNG_HEADER_BYTES = 8 + 25  # bytes of a PNG: its signature and IHDR
_SIDES = {Side.FRONT: "front", Side.BACK: "back"}


Logos = Mapping[str, bytes]
NO_LOGOS: Logos = MappingProxyType({})


class DoesNotFit(ValueError):
    """A text is too long for its place even at the smallest size; ``key`` is its catalogue item's."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the text of {key} does not fit the card")
        self.key = key


def render_pdf(faces: Sequence[CardFace], logos: Logos = NO_LOGOS, *, bleed: bool = False, stamp: str = "") -> bytes:
    """Front and back of each face on pages of 85.60 x 53.98 mm, in the order given; BLEED larger on each side if asked.

    ``stamp`` is a word across each side. Up to CARDS_PER_DOCUMENT cards the file is tagged (PDF/UA-1); longer ones,
    made for printers, are not. Raises DoesNotFit.
    """
    if len(faces) <= CARDS_PER_DOCUMENT:
        made = _compile(faces, logos, _inputs(bleed=bleed, stamp=stamp), format="pdf", pdf_standards=["ua-1"])[0]
        return with_trim(made, BLEED_MM) if bleed else made
    joined, job = BytesIO(), {"output": "cards", "bleed": bleed, "stamp": stamp}
    writer = PdfJoiner(joined, TITLE, card_size(BLEED_MM if bleed else 0), BLEED_MM if bleed else 0)
    for start in range(0, len(faces), CARDS_PER_DOCUMENT):
        part, *contents = render_job(job, faces[start : start + CARDS_PER_DOCUMENT], logos)
        writer.add(part, contents)
    writer.close()
    return joined.getvalue()


def render_job(job: Mapping[str, Any], faces: Sequence[CardFace], logos: Logos = NO_LOGOS) -> list[bytes]:
    """What a press makes of some cards (render.batch_outputs): a PNG for each side, or what PdfJoiner adds to a file.

    That is a PDF without tags and then the content of each page, of a card's sides or of whole sheets.
    """
    inputs = _inputs(bleed=bool(job.get("bleed")), stamp=job.get("stamp", ""))
    if job["output"] == "images":
        return _pngs(_compile(faces, logos, inputs, format="png", ppi=job["ppi"]), job["ppi"])
    bleed = BLEED_MM if job.get("bleed") else 0
    cards, layers = layered([_card(face) for face in faces])
    drawn = _drawn(cards, faces, logos, inputs, format="pdf", pdf_tags=False)
    contents = sides(layers, [face.verification for face in faces], bleed)
    if job["output"] == "sheets":
        contents = list(sheets(contents, job["sheet"]))
    return drawn + [content.encode() for content in contents]


def render_png(face: CardFace, side: Side, ppi: int = 300, logos: Logos = NO_LOGOS, *, stamp: str = "") -> bytes:
    inputs = {"sides": _SIDES[side], **_inputs(stamp=stamp)}
    return _pngs(_compile([face], logos, inputs, format="png", ppi=ppi), ppi)[0]


def render_svg(face: CardFace, logos: Logos = NO_LOGOS, *, stamp: str = "") -> tuple[str, str]:
    """Front and back, texts as outlines: show them with the face's fields as alternative text."""
    front, back = _compile([face], logos, _inputs(stamp=stamp), format="svg")
    return front.decode(), back.decode()


def render_sheet(face: CardFace, logos: Logos = NO_LOGOS, *, stamp: str = "") -> bytes:
    """The A4 componente cadastral as tagged PDF."""
    return _sheet(face, logos, stamp, format="pdf", pdf_standards=["ua-1"])[0]


def render_sheet_png(face: CardFace, ppi: int, logos: Logos = NO_LOGOS, *, stamp: str = "") -> list[bytes]:
    """One picture a page."""
    return _pngs(_sheet(face, logos, stamp, format="png", ppi=ppi), ppi)


def misfits(faces: Sequence[CardFace]) -> dict[int, tuple[Defect, ...]]:
    """What is too long for its place, by the position of its face."""
    told = {position: compose_layout(face).defects for position, face in enumerate(faces)}
    return {position: defects for position, defects in told.items() if defects}


def _inputs(*, bleed: bool = False, stamp: str = "") -> dict[str, str]:
    return {**({"bleed": str(BLEED_MM)} if bleed else {}), **({"stamp": stamp} if stamp else {})}


def _pngs(made: Sequence[bytes], ppi: float) -> list[bytes]:
    """The same pictures, telling how large they are (PNG, 11.3.4.3): without it programs take them for screens."""
    per_metre = round(ppi / 0.0254)
    told = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", 9) + told + struct.pack(">I", zlib.crc32(told))
    return [each[:_PNG_HEADER_BYTES] + chunk + each[_PNG_HEADER_BYTES:] for each in made]


def _compile(
    faces: Sequence[CardFace],
    logos: Logos,
    inputs: Mapping[str, str] = MappingProxyType({}),
    **output: Any,
) -> list[bytes]:
    cards = [{**_card(face), "qr": [QR_LEFT, QR_TOP, QR_MM, _qr(face)]} for face in faces]
    return _drawn(cards, faces, logos, inputs, **output)


def _drawn(
    cards: Sequence[Mapping[str, Any]],
    faces: Sequence[CardFace],
    logos: Logos,
    inputs: Mapping[str, str] = MappingProxyType({}),
    **output: Any,
) -> list[bytes]:
    data = json.dumps(cards, ensure_ascii=False)
    return _made(TEMPLATE, {"cards": data, "logos": _pictures(faces, logos), **inputs}, **output)


def _sheet(face: CardFace, logos: Logos, stamp: str, **output: Any) -> list[bytes]:
    sheet = {
        **_stamp(face),
        "trade_name": face["trade_name"],
        "legal_name": face["legal_name"],
        "via": f"{face.via}ª via" if face.via else "",
        "check_code": shown(face.check_code),
        "qr": _qr(face),
        "sections": sections_of(face),
    }
    inputs = {"sheet": json.dumps(sheet, ensure_ascii=False), "logos": _pictures([face], logos), **_inputs(stamp=stamp)}
    return _made(SHEET, inputs, **output)


def _made(template: Path, inputs: dict[str, str], **output: Any) -> list[bytes]:
    """The output files: one of a PDF, one a page of the others."""
    made = typst.Compiler(str(template), font_paths=fonts()).compile(sys_inputs=inputs, **output)
    return made if isinstance(made, list) else [made or b""]


def _pictures(faces: Sequence[CardFace], logos: Logos) -> str:
    named = {face.theme.logo for face in faces} - {""}
    return json.dumps({name: _logo(logos[name]) for name in sorted(named)})


def _logo(content: bytes) -> str:
    """An SVG around the picture: the template's data is text, and Typst reads no Base64 itself."""
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))  # of a PNG's header
    data = b64encode(content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    )


def _card(face: CardFace) -> dict[str, Any]:
    """The template's view of a face, its QR code apart: sys.inputs.cards of card.typ."""
    laid = compose_layout(face)
    if laid.misfits:
        raise DoesNotFit(laid.misfits[0])
    return {
        **_stamp(face),
        "ground": True,
        "logo": laid.logo,
        "flag": laid.flag,
        "heading": len(laid.heading),
        "front": laid.heading + laid.front,
        "back": laid.back,
        "stub": laid.stub,
    }


def _stamp(face: CardFace) -> dict[str, Any]:
    """What card and sheet share."""
    return {
        "theme": face.theme.as_json(),
        "badge": f"{item('registration').caption} {face['registration']}",
    }


def _qr(face: CardFace) -> str:
    return qr_code.svg(face.verification) if face.verification else ""
