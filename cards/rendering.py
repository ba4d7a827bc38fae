"""Cards as PDF, PNG and SVG: one Typst template, data in as JSON, bytes out. Pure.

Equal faces give equal bytes: no date, no random identifier, the package's fonts and none of the machine's.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import font_source_sans_pro  # type: ignore[import-untyped]
import typst
import zxingcpp
from pypdf import PdfReader, PdfWriter

from cards.catalogue import Side, item
from cards.face import CardFace, Defect

TEMPLATE = Path(__file__).parent / "typst" / "card.typ"
TITLE = "Cartões de identificação do beneficiário"
CHUNK = 20  # cards laid out in one document: Typst remembers some 2 MiB a card for its last ten documents
_SIDES = {Side.FRONT: "front", Side.BACK: "back"}
_WHOLE_LINES = frozenset({"company", "administrator", "waiting", "notice"})
_BELOW_THE_LIST = frozenset({"contact", "ans_contact", "sole_trader"})


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
    """What is too long for its place, by the position of its face; measured as it would be printed."""
    found: dict[int, tuple[Defect, ...]] = {}
    for start in range(0, len(faces), CHUNK):
        for miss in _measured(faces[start : start + CHUNK]):
            position = start + miss["card"]
            found[position] = (*found.get(position, ()), _too_long(miss["key"]))
    return found


def _too_long(key: str) -> Defect:
    if key == "back":
        return Defect(
            key, "O verso não comporta tudo: abrevie os nomes da contratante e da administradora, ou as carências."
        )
    long = item(key)
    return Defect(key, f"“{long.label}” não cabe no cartão: abrevie {long.mend}.")


def _measured(faces: Sequence[CardFace]) -> list[dict[str, Any]]:
    inputs = {"cards": _data(faces), "check": "yes"}
    answer = typst.query(str(TEMPLATE), "<misfit>", field="value", font_paths=_fonts(), sys_inputs=inputs)
    return list(json.loads(answer))


def _compile(faces: Sequence[CardFace], inputs: dict[str, str] | None = None, **output: Any) -> list[bytes]:
    """The output files: one of a PDF, one a page of the others."""
    compiler = typst.Compiler(str(TEMPLATE), font_paths=_fonts())
    try:
        made = compiler.compile(sys_inputs={"cards": _data(faces), **(inputs or {})}, **output)
    except typst.TypstError as error:
        _, found, rest = str(error).partition("misfit:")
        raise DoesNotFit(rest.split('"')[0]) if found else error from None
    return made if isinstance(made, list) else [made or b""]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_source_sans_pro.font_directory]
    )


def _data(faces: Sequence[CardFace]) -> str:
    return json.dumps([_card(face) for face in faces], ensure_ascii=False)


def _card(face: CardFace) -> dict[str, Any]:
    """The template's view of a face: sys.inputs.cards of card.typ."""
    listed = [field.key for field in face.on(Side.BACK) if field.key not in _BELOW_THE_LIST]
    return {
        "text": {field.key: field.value for field in face.fields},
        "captions": {field.key: field.caption for field in face.fields},
        "long": [key for key in listed if key in _WHOLE_LINES],
        "short": [key for key in listed if key not in _WHOLE_LINES],
        "via": face.via,
        "qr": _qr(face.verification) if face.verification else "",
    }


def _qr(text: str) -> str:
    """SVG without a quiet zone: the layout leaves it white."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return str(barcode.to_svg(add_quiet_zones=False))
