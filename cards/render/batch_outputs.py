"""Writes the output of a batch to a file as cards arrive: PDF, sheets, pictures, records. Pure.

Nothing grows with the number of cards but a few bytes for each. Equal faces in equal order give equal bytes.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cards.domain import fixed_width
from cards.domain.face import CardFace
from cards.render.documents import BATCH_CARDS_PER_DOCUMENT, BLEED_MM, CARDS_PER_DOCUMENT, TITLE, Logos
from cards.render.imposition import card_size
from cards.render.pdf_merge import PdfJoiner
from cards.render.sheet_layout import SHEET_HEIGHT, SHEET_WIDTH, Sheet
from cards.render.worker import Group, Job, no_logos, rendered
from operators.formats.csv_tables import neutral

CARDS, SHEETS, IMAGES, TEXT = "CARDS", "SHEETS", "IMAGES", "TEXT"
SUFFIX = {CARDS: "pdf", SHEETS: "pdf", IMAGES: "zip", TEXT: "txt"}
CONTENT_TYPE = {"pdf": "application/pdf", "zip": "application/zip", "txt": "text/plain; charset=windows-1252"}
PPI = (300, 600)
SIDES = ("frente", "verso")
LogosOf = Callable[[Group], Logos]
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the least that a ZIP knows: equal cards, equal file


@dataclass(frozen=True, slots=True)
class Options:
    """How a product is made: ``bleed`` of cards, ``up``, ``flip`` and ``marks`` of sheets, ``ppi`` of pictures."""

    up: int = 10
    flip: str = "long"
    marks: bool = True
    ppi: int = 300
    bleed: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.up, self.flip, self.marks)


def write(
    out: BinaryIO,
    product: str,
    options: Options,
    faces: Iterable[str],
    logos_of: LogosOf = no_logos,
    *,
    stamp: str = "",
) -> None:
    """The file of these faces (cards.render.worker.Group), which are taken as they are needed.

    With a word, ``stamp``, across each side, or before the names where there is only text.
    """
    if product == TEXT:
        out.writelines(fixed_width.record(fixed_width.marked(_face(face), stamp)) for face in faces)
    elif product == IMAGES:
        _write_images(out, {"output": "images", "ppi": options.ppi, "stamp": stamp}, faces, logos_of)
    else:
        _write_pdf(out, product, options, faces, logos_of, stamp)


def objection(product: str, face: CardFace) -> str:
    """Why this product cannot be made of the face, or blank."""
    return fixed_width.objection(face) if product == TEXT else ""


def _write_pdf(
    out: BinaryIO, product: str, options: Options, faces: Iterable[str], logos_of: LogosOf, stamp: str
) -> None:
    bleed = BLEED_MM if options.bleed and product == CARDS else 0
    job: dict[str, Any] = {"output": "cards", "bleed": bool(bleed), "stamp": stamp}
    size, page = BATCH_CARDS_PER_DOCUMENT, card_size(bleed)
    if product == SHEETS:
        job = {"output": "sheets", "sheet": options.sheet.as_json(), "stamp": stamp}
        size, page = BATCH_CARDS_PER_DOCUMENT // options.up * options.up, (SHEET_WIDTH, SHEET_HEIGHT)
    joined = PdfJoiner(out, TITLE, page, bleed)
    for _, (part, *contents) in rendered(job, _groups(faces, size), logos_of=logos_of):
        joined.add(part, contents)
    joined.close()


def _write_images(out: BinaryIO, job: Job, faces: Iterable[str], logos_of: LogosOf) -> None:
    """Pictures under numbers, and ``cartoes.csv`` that says whose they are: no file name contains personal data."""
    with ZipFile(out, "w", ZIP_STORED) as archive, TemporaryFile() as sheet:
        lines = TextIOWrapper(sheet, "utf-8-sig", newline="", write_through=True)
        table = csv.writer(lines, delimiter=";")
        table.writerow([*SIDES, *(column.name for column in fixed_width.COLUMNS)])
        number = 0
        for group, pictures in rendered(job, _groups(faces, CARDS_PER_DOCUMENT), logos_of=logos_of):
            for face, front, back in zip(group, pictures[::2], pictures[1::2], strict=True):
                number += 1
                names = [f"{number:06d}-{side}.png" for side in SIDES]
                for name, picture in zip(names, (front, back), strict=True):
                    archive.writestr(ZipInfo(name, LONG_AGO), picture)
                marked = fixed_width.marked(_face(face), job["stamp"])
                table.writerow(map(neutral, [*names, *fixed_width.row(marked)]))
        sheet.seek(0)
        archive.writestr(ZipInfo("cartoes.csv", LONG_AGO), sheet.read())
        lines.detach()


def _face(document: str) -> CardFace:
    return CardFace.from_json(json.loads(document))


def _groups(faces: Iterable[str], size: int) -> Iterator[Group]:
    source = iter(faces)
    while group := list(islice(source, size)):
        yield group


def options_of(data: Mapping[str, Any]) -> Options:
    """As a batch keeps them; what it does not say is as usual."""
    known = Options().as_json()
    return Options(**{name: data.get(name, value) for name, value in known.items()})


def described(product: str, options: Options) -> str:
    """In words, for the batch's page."""
    if product == SHEETS:
        edge = "borda longa" if options.flip == "long" else "borda curta"
        return f"{options.up} por folha, verso pela {edge}{', com marcas de corte' if options.marks else ''}"
    if product == CARDS:
        return "com sangria de 3 mm" if options.bleed else ""
    return f"{options.ppi} dpi" if product == IMAGES else ""
