"""Cards as PDF, PNG and SVG: one Typst template, data in as JSON, bytes out. Pure.

Equal faces give equal bytes: no date, no random identifier, the package's fonts and none of the machine's.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import typst
import zxingcpp
from pypdf import PdfReader, PdfWriter

from cards.catalogue import Side, item
from cards.face import CardFace, Defect
from cards.layout import lay_out
from cards.measuring import fonts

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
TITLE = "Cartões de identificação do beneficiário"
CHUNK = 20  # cards in one document: Typst remembers its last ten documents
_SIDES = {Side.FRONT: "front", Side.BACK: "back"}


class DoesNotFit(ValueError):
    """A text is too long for its place even at the smallest size; ``key`` is its catalogue item's, or "back"."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the text of {key} does not fit the card")
        self.key = key


def render_pdf(faces: Sequence[CardFace]) -> bytes:
    """Front and back of each face on pages of 85.60 x 53.98 mm, in the order given.

    Up to CHUNK cards the file is tagged (PDF/UA-1); longer ones, made for printers, are not. Raises DoesNotFit.
    """
    if len(faces) <= CHUNK:
        return _compile(faces, format="pdf", pdf_standards=["ua-1"])[0]
    return join_pdf(list(render_parts(faces)))


def render_parts(faces: Sequence[CardFace]) -> Iterator[bytes]:
    """The same pages as files of CHUNK cards, made one after the other as they are asked for."""
    for start in range(0, len(faces), CHUNK):
        yield _compile(faces[start : start + CHUNK], format="pdf", pdf_tags=False)[0]


def join_pdf(parts: Sequence[bytes]) -> bytes:
    writer, joined = PdfWriter(), BytesIO()
    for part in parts:
        writer.append(PdfReader(BytesIO(part)), import_outline=False)
    writer.metadata = {"/Title": TITLE}
    writer.write(joined)
    return joined.getvalue()


def render_png(face: CardFace, side: Side, ppi: int = 300) -> bytes:
    return _compile([face], {"sides": _SIDES[side]}, format="png", ppi=ppi)[0]


def render_svg(face: CardFace) -> tuple[str, str]:
    """Front and back, texts as outlines: show them with the face's fields as alternative text."""
    front, back = _compile([face], format="svg")
    return front.decode(), back.decode()


def misfits(faces: Sequence[CardFace]) -> dict[int, tuple[Defect, ...]]:
    """What is too long for its place, by the position of its face."""
    told = {position: lay_out(face).defects for position, face in enumerate(faces)}
    return {position: defects for position, defects in told.items() if defects}


def _compile(faces: Sequence[CardFace], inputs: dict[str, str] | None = None, **output: Any) -> list[bytes]:
    """The output files: one of a PDF, one a page of the others."""
    compiler = typst.Compiler(str(TEMPLATE), font_paths=fonts())
    made = compiler.compile(sys_inputs={"cards": _data(faces), **(inputs or {})}, **output)
    return made if isinstance(made, list) else [made or b""]


def _data(faces: Sequence[CardFace]) -> str:
    return json.dumps([_card(face) for face in faces], ensure_ascii=False)


def _card(face: CardFace) -> dict[str, Any]:
    """The template's view of a face: sys.inputs.cards of card.typ."""
    laid = lay_out(face)
    if laid.misfits:
        raise DoesNotFit(laid.misfits[0])
    return {
        "badge": f"{item('registration').caption} {face['registration']}",
        "heading": len(laid.heading),
        "front": [asdict(line) for line in (*laid.heading, *laid.front)],
        "back": [asdict(line) for line in laid.back],
        "stub": [asdict(line) for line in laid.stub],
        "qr": _qr(face.verification) if face.verification else "",
    }


def _qr(text: str) -> str:
    """SVG without a quiet zone: the layout leaves it white."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return str(barcode.to_svg(add_quiet_zones=False))
