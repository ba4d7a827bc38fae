"""Cards as PDF, PNG and SVG, and their A4 sheets: Typst templates, data in as JSON, bytes out. Pure.

Equal faces give equal bytes: no date, no random identifier, the package's fonts and none of the machine's. Logos come
by the SHA-256 that their faces name, as PNG.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst
import zxingcpp
from pypdf import PdfReader, PdfWriter

from cards.catalogue import Side, item
from cards.checkcode import shown
from cards.face import CardFace, Defect
from cards.layout import lay_out
from cards.measuring import fonts
from cards.sheet import sections_of

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
SHEET = TEMPLATE.with_name("sheet.typ")
BLEED = 3  # millimetres
TITLE = "Cartões de identificação do beneficiário"
CHUNK = 20  # cards in one document: Typst remembers its last ten documents
_SIDES = {Side.FRONT: "front", Side.BACK: "back"}


Logos = Mapping[str, bytes]
NO_LOGOS: Logos = MappingProxyType({})


class DoesNotFit(ValueError):
    """A text is too long for its place even at the smallest size; ``key`` is its catalogue item's."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the text of {key} does not fit the card")
        self.key = key


def render_pdf(faces: Sequence[CardFace], logos: Logos = NO_LOGOS, *, bleed: bool = False) -> bytes:
    """Front and back of each face on pages of 85.60 x 53.98 mm, in the order given; BLEED larger on each side if asked.

    Up to CHUNK cards the file is tagged (PDF/UA-1); longer ones, made for printers, are not. Raises DoesNotFit.
    """
    if len(faces) <= CHUNK:
        return _compile(faces, logos, _margin(bleed), format="pdf", pdf_standards=["ua-1"])[0]
    return join_pdf(list(render_parts(faces, logos, bleed=bleed)))


def render_parts(faces: Sequence[CardFace], logos: Logos = NO_LOGOS, *, bleed: bool = False) -> Iterator[bytes]:
    """The same pages as files of CHUNK cards, made one after the other as they are asked for."""
    for start in range(0, len(faces), CHUNK):
        yield _compile(faces[start : start + CHUNK], logos, _margin(bleed), format="pdf", pdf_tags=False)[0]


def join_pdf(parts: Sequence[bytes]) -> bytes:
    writer, joined = PdfWriter(), BytesIO()
    for part in parts:
        writer.append(PdfReader(BytesIO(part)), import_outline=False)
    writer.metadata = {"/Title": TITLE}
    writer.write(joined)
    return joined.getvalue()


def render_png(face: CardFace, side: Side, ppi: int = 300, logos: Logos = NO_LOGOS) -> bytes:
    return _compile([face], logos, {"sides": _SIDES[side]}, format="png", ppi=ppi)[0]


def render_svg(face: CardFace, logos: Logos = NO_LOGOS) -> tuple[str, str]:
    """Front and back, texts as outlines: show them with the face's fields as alternative text."""
    front, back = _compile([face], logos, format="svg")
    return front.decode(), back.decode()


def render_sheet(face: CardFace, logos: Logos = NO_LOGOS) -> bytes:
    """The A4 componente cadastral as tagged PDF."""
    return _sheet(face, logos, format="pdf", pdf_standards=["ua-1"])[0]


def render_sheet_png(face: CardFace, ppi: int, logos: Logos = NO_LOGOS) -> list[bytes]:
    """One picture a page."""
    return _sheet(face, logos, format="png", ppi=ppi)


def misfits(faces: Sequence[CardFace]) -> dict[int, tuple[Defect, ...]]:
    """What is too long for its place, by the position of its face."""
    told = {position: lay_out(face).defects for position, face in enumerate(faces)}
    return {position: defects for position, defects in told.items() if defects}


def _margin(bleed: bool) -> dict[str, str]:
    return {"bleed": str(BLEED)} if bleed else {}


def _compile(
    faces: Sequence[CardFace], logos: Logos, inputs: dict[str, str] | None = None, **output: Any
) -> list[bytes]:
    cards = json.dumps([_card(face) for face in faces], ensure_ascii=False)
    return _made(TEMPLATE, {"cards": cards, "logos": _drawn(faces, logos), **(inputs or {})}, **output)


def _sheet(face: CardFace, logos: Logos, **output: Any) -> list[bytes]:
    sheet = {
        **_stamp(face),
        "trade_name": face["trade_name"],
        "legal_name": face["legal_name"],
        "via": f"{face.via}ª via" if face.via else "",
        "check_code": shown(face.check_code),
        "sections": sections_of(face),
    }
    inputs = {"sheet": json.dumps(sheet, ensure_ascii=False), "logos": _drawn([face], logos)}
    return _made(SHEET, inputs, **output)


def _made(template: Path, inputs: dict[str, str], **output: Any) -> list[bytes]:
    """The output files: one of a PDF, one a page of the others."""
    made = typst.Compiler(str(template), font_paths=fonts()).compile(sys_inputs=inputs, **output)
    return made if isinstance(made, list) else [made or b""]


def _drawn(faces: Sequence[CardFace], logos: Logos) -> str:
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
    """The template's view of a face: sys.inputs.cards of card.typ."""
    laid = lay_out(face)
    if laid.misfits:
        raise DoesNotFit(laid.misfits[0])
    return {
        **_stamp(face),
        "logo": laid.logo,
        "flag": laid.flag,
        "heading": len(laid.heading),
        "front": [asdict(line) for line in (*laid.heading, *laid.front)],
        "back": [asdict(line) for line in laid.back],
        "stub": [asdict(line) for line in laid.stub],
    }


def _stamp(face: CardFace) -> dict[str, Any]:
    """What card and sheet share."""
    return {
        "theme": asdict(face.theme),
        "badge": f"{item('registration').caption} {face['registration']}",
        "qr": _qr(face.verification) if face.verification else "",
    }


def _qr(text: str) -> str:
    """SVG without a quiet zone: the layout leaves it white."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return str(barcode.to_svg(add_quiet_zones=False))
