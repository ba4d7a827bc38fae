"""Cards as PDF, PNG and SVG, and their A4 sheets: Typst templates, data in as JSON, bytes out. Pure.

Equal faces give equal bytes: no date, no random identifier, the package's fonts and none of the machine's. Logos come
by the SHA-256 that their faces name, as PNG.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst
import zxingcpp

from cards.catalogue import Side, item
from cards.checkcode import shown
from cards.face import CardFace, Defect
from cards.joining import PdfJoiner
from cards.layout import lay_out
from cards.measuring import fonts
from cards.sheet import sections_of

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
SHEET = TEMPLATE.with_name("sheet.typ")
CUTTING = TEMPLATE.with_name("cutting.typ")
BLEED = 3  # millimetres
TITLE = "Cartões de identificação do beneficiário"
CHUNK = 20  # cards in one document: Typst remembers its last ten documents
_DARK = re.compile(rb"\0+")
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
    joined = BytesIO()
    writer = PdfJoiner(joined, TITLE)
    for start in range(0, len(faces), CHUNK):
        writer.add(render_job({"output": "cards", "bleed": bleed}, faces[start : start + CHUNK], logos)[0])
    writer.close()
    return joined.getvalue()


def render_job(job: Mapping[str, Any], faces: Sequence[CardFace], logos: Logos = NO_LOGOS) -> list[bytes]:
    """What a press makes of up to some CHUNK cards (cards.products): a PDF without tags, or a PNG for each side."""
    if job["output"] == "images":
        return _compile(faces, logos, format="png", ppi=job["ppi"])
    if job["output"] == "sheets":
        inputs = {"sheet": json.dumps(job["sheet"]), "sides": "none"}
        return _compile(faces, logos, inputs, CUTTING, format="pdf", pdf_tags=False)
    return _compile(faces, logos, _margin(job["bleed"]), format="pdf", pdf_tags=False)


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
    faces: Sequence[CardFace],
    logos: Logos,
    inputs: Mapping[str, str] = MappingProxyType({}),
    template: Path = TEMPLATE,
    **output: Any,
) -> list[bytes]:
    cards = json.dumps([_card(face) for face in faces], ensure_ascii=False)
    return _made(template, {"cards": cards, "logos": _drawn(faces, logos), **inputs}, **output)


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
    """SVG of one path, a stroke for each run of dark modules; without a quiet zone: the layout leaves it white."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = memoryview(barcode.to_image(add_quiet_zones=False))  # type: ignore[arg-type]  # a buffer of bytes
    size, content = len(modules), modules.tobytes()
    rows = (content[start : start + size] for start in range(0, size * size, size))
    path = "".join(f"M{run.start()} {y}.5H{run.end()}" for y, row in enumerate(rows) for run in _DARK.finditer(row))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path stroke="#000" d="{path}"/></svg>'
