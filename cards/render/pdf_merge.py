"""Merges pages into one PDF file in constant memory; knows only the structure that Typst writes. Pure.

Typst's files are plain: one table of cross-references, no object streams, no incremental updates. Each part keeps its
objects as they are, under other numbers; the catalogue and what describes the document fall away. Its pages become
drawings (form XObjects, ISO 32000-2, 8.10), each kept once, however many pages of the joined file show it.
"""

import re
import zlib
from array import array
from collections.abc import Sequence
from typing import BinaryIO

_REFERENCE = re.compile(rb"(\d+) 0 R")
_DRAWN = re.compile(rb"/F(\d+) Do")
_DROPPED = (b"/Type/Catalog", b"/Type/Metadata", b"/Creator(Typst", b"/Type/Pages")
_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_CATALOGUE, _PAGES, _INFORMATION = 1, 2, 3
_MIN_PACKED_BYTES = 500  # bytes of content that are worth packing; the fastest way packs codes to a third
POINTS_PER_MM = 72 / 25.4  # to a millimetre


class UnsupportedPdf(ValueError):
    """A part is not of the shape that is known here."""


class PdfJoiner:
    """Writes the joined file to ``out`` part by part; keeps eight bytes an object and four a part.

    ``size`` is that of all pages, in millimetres; ``bleed``, how much of it is cut off on each side.
    """

    def __init__(self, out: BinaryIO, title: str, size: tuple[float, float], bleed: float = 0.0) -> None:
        self._out = out
        self._title = title
        self._size = size
        self._trim = _boxes(*size, bleed) if bleed else b""
        self._offsets = array("Q", [0, 0, 0, 0])
        self._nodes: list[int] = []
        self._pages = 0
        self._at = 0
        self._write(_HEADER)

    def add(self, part: bytes, contents: Sequence[bytes]) -> None:
        """A page for each of these contents, in which ``/F3 Do`` draws the part's page 3 (the first is 0)."""
        first = len(self._offsets) - 1  # the part's object 1 follows on the last one
        objects = [_split(body) for body in _objects(part)]
        drawings = [first + number for number in _drawings(objects)]
        for number, (head, stream) in enumerate(objects, start=1):
            if not head or any(mark in head for mark in _DROPPED):
                self._offsets.append(0)
            else:
                self._object(first + number, _renumbered(head, first) + stream)
        self._add_pages(contents, drawings)

    def _add_pages(self, contents: Sequence[bytes], drawings: Sequence[int]) -> None:
        node = len(self._offsets)
        pages = range(node + 1, node + 1 + 2 * len(contents), 2)
        kids = b" ".join(b"%d 0 R" % page for page in pages)
        self._object(node, b"<</Type/Pages/Parent 2 0 R/Count %d/Kids[%s]>>" % (len(contents), kids))
        for page, content in zip(pages, contents, strict=True):
            drawn = sorted({int(number) for number in _DRAWN.findall(content)})
            names = b"".join(b"/F%d %d 0 R" % (number, drawings[number]) for number in drawn)
            told = b"/Parent %d 0 R/Contents %d 0 R/Resources<</XObject<<%s>>>>" % (node, page + 1, names) + self._trim
            self._object(page, b"<</Type/Page%s>>" % told)
            self._object(page + 1, _stream(content))
        self._nodes.append(node)
        self._pages += len(contents)

    def close(self) -> None:
        kids = b" ".join(b"%d 0 R" % node for node in self._nodes)
        box = b"%.6f %.6f" % (self._size[0] * POINTS_PER_MM, self._size[1] * POINTS_PER_MM)
        tree = b"/Count %d/Kids[%s]/MediaBox[0 0 %s]" % (self._pages, kids, box)
        self._object(_PAGES, b"<</Type/Pages%s>>" % tree)
        title = ("\ufeff" + self._title).encode("utf-16-be").hex().upper().encode()
        self._object(_INFORMATION, b"<</Title<%s>>>" % title)
        self._object(_CATALOGUE, b"<</Type/Catalog/Pages 2 0 R/Lang(pt-BR)>>")
        start = self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset if offset else b"0000000000 00000 f \n")
        self._write(b"trailer\n<</Size %d/Root 1 0 R/Info 3 0 R>>\n" % len(self._offsets))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _object(self, number: int, body: bytes) -> None:
        if number == len(self._offsets):
            self._offsets.append(self._at)
        else:
            self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def with_trim(pdf: bytes, bleed: float) -> bytes:
    """A plain file whose pages tell where they are cut: ``bleed`` millimetres inside their edges."""
    objects = [_trimmed(body, bleed) for body in _objects(pdf)]
    made, offsets = bytearray(pdf[: pdf.index(b"1 0 obj\n")]), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = pdf[pdf.rindex(b"trailer") : pdf.rindex(b"startxref")]
    start, count = len(made), len(objects) + 1
    told = (bytes(made), count, table, trailer, start)
    return b"%sxref\n0 %d\n0000000000 65535 f \n%s%sstartxref\n%d\n%%%%EOF\n" % told


def _trimmed(body: bytes, bleed: float) -> bytes:
    """Of an object that is no page, itself."""
    if not body.startswith(b"<</Type/Page/"):
        return body
    head, rest = body.split(b"]", 1)  # after the MediaBox
    width, height = (float(edge) / POINTS_PER_MM for edge in head.rsplit(b" ", 2)[1:])
    return head + b"]" + _boxes(width, height, bleed) + rest


def _boxes(width: float, height: float, bleed: float) -> bytes:
    """BleedBox and TrimBox (ISO 32000-2, 14.11.2): what is printed, and what is left of it once it is cut."""
    right, top, edge = width * POINTS_PER_MM, height * POINTS_PER_MM, bleed * POINTS_PER_MM
    inner = (edge, edge, right - edge, top - edge)
    return b"/BleedBox[0 0 %.6f %.6f]/TrimBox[%.6f %.6f %.6f %.6f]" % (right, top, *inner)


def _drawings(objects: list[tuple[bytes, bytes]]) -> list[int]:
    """Turn the pages into forms; the numbers of these."""
    tree, _ = objects[0]
    return [_as_form(objects, int(page)) for page in _REFERENCE.findall(tree.split(b"/Kids", 1)[1])]


def _as_form(objects: list[tuple[bytes, bytes]], page: int) -> int:
    """What was the page's content is the form; of the page nothing is left."""
    head, _ = objects[page - 1]
    resources, content = _named(head, b"/Resources "), _named(head, b"/Contents ")
    box = head.split(b"/MediaBox", 1)[1].split(b"]", 1)[0]
    old, stream = objects[content - 1]
    form = b"<</Type/XObject/Subtype/Form/BBox%s]/Resources %d 0 R" % (box, resources)
    objects[content - 1] = old.replace(b"<<", form, 1), stream
    objects[page - 1] = b"", b""
    return content


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content, 1) if len(content) > _MIN_PACKED_BYTES else content
    told = b"/Filter/FlateDecode" if len(content) > _MIN_PACKED_BYTES else b""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(packed), told, packed)


def _named(head: bytes, key: bytes) -> int:
    """The object to which this key of a dictionary points."""
    try:
        return int(head.split(key, 1)[1].split(b" ", 1)[0])
    except (ValueError, IndexError) as error:
        raise UnsupportedPdf(f"no{key.decode()}where one is expected") from error


def _objects(part: bytes) -> list[bytes]:
    """The bodies of the objects 1, 2, 3 …"""
    try:
        start = int(part[part.rindex(b"startxref") + 9 :].split(None, 1)[0])
        table = part[start:].split(b"\n", 2)
        count = int(table[1].split()[1])
        offsets = [int(table[2][20 * line : 20 * line + 10]) for line in range(1, count)]
    except (ValueError, IndexError) as error:
        raise UnsupportedPdf("no plain table of cross-references") from error
    return [_body(part, number, offset) for number, offset in enumerate(offsets, start=1)]


def _body(part: bytes, number: int, offset: int) -> bytes:
    opening = b"%d 0 obj\n" % number
    if not part.startswith(opening, offset):
        raise UnsupportedPdf(f"object {number} is not where the table says")
    begin = offset + len(opening)
    head_end = part.index(b"\nendobj", begin)
    stream = part.find(b"\nstream\n", begin, head_end)
    if stream >= 0:  # compressed bytes may hold any word: the length says where they end
        length = int(part[begin:stream].split(b"/Length ", 1)[1].split(b"/", 1)[0].split(b">", 1)[0])
        head_end = part.index(b"\nendobj", stream + 8 + length)
    return part[begin:head_end]


def _split(body: bytes) -> tuple[bytes, bytes]:
    at = body.find(b"\nstream\n")
    return (body, b"") if at < 0 else (body[:at], body[at:])


def _renumbered(head: bytes, by: int) -> bytes:
    return _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + by), head)
