"""PDF files put together page after page in flat memory, for files of the shape that Typst writes. Pure.

Typst's files are plain: one table of cross-references, no object streams, no incremental updates. Each part keeps its
objects as they are, under other numbers; of it only the catalogue and what describes the document fall away.

What all pages of a part show may stand on its first ones, the ground: it is kept once and drawn under each of the
others (a form XObject, ISO 32000-2, 8.10).
"""

import re
from array import array
from typing import BinaryIO

_REFERENCE = re.compile(rb"(\d+) 0 R")
_DROPPED = (b"/Type/Catalog", b"/Type/Metadata", b"/Creator(Typst")
_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_CATALOGUE, _PAGES, _INFORMATION = 1, 2, 3


class NotPlain(ValueError):
    """A part is not of the shape that is known here."""


class PdfJoiner:
    """Writes the joined file to ``out`` part by part; keeps eight bytes an object and four a part."""

    def __init__(self, out: BinaryIO, title: str) -> None:
        self._out = out
        self._title = title
        self._offsets = array("Q", [0, 0, 0, 0])
        self._nodes: list[int] = []
        self._pages = 0
        self._at = 0
        self._write(_HEADER)

    def add(self, part: bytes, ground: int = 0) -> None:
        """All pages of the part but its ``ground`` first ones, which are drawn under the others by turns."""
        first = len(self._offsets) - 1  # the part's object 1 follows on the last one
        objects = [_split(body) for body in _objects(part)]
        if ground:
            _lay_ground(objects, ground)
        for number, (head, stream) in enumerate(objects, start=1):
            if not head or any(mark in head for mark in _DROPPED):
                self._offsets.append(0)
                continue
            if head.startswith(b"<</Type/Pages"):
                self._nodes.append(first + number)
                self._pages += int(head.split(b"/Count ", 1)[1].split(b"/", 1)[0])
                node = _renumbered(head, first).replace(b"<<", b"<</Parent 2 0 R", 1)
                self._object(first + number, node)
            else:
                self._object(first + number, _renumbered(head, first) + stream)

    def close(self) -> None:
        kids = b" ".join(b"%d 0 R" % node for node in self._nodes)
        self._object(_PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (self._pages, kids))
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


def _lay_ground(objects: list[tuple[bytes, bytes]], count: int) -> None:
    """Turn the pages of the ground into forms, and have the others draw them before what is their own."""
    tree, _ = objects[0]
    pages = [int(number) for number in _REFERENCE.findall(tree.split(b"/Kids", 1)[1])]
    forms = [_as_form(objects, page) for page in pages[:count]]
    for place, page in enumerate(pages[count:]):
        _draw_first(objects, page, pages[place % count], forms[place % count])
    kids = b" ".join(b"%d 0 R" % page for page in pages[count:])
    objects[0] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages) - count, kids), b""


def _as_form(objects: list[tuple[bytes, bytes]], page: int) -> int:
    """The number of the form; that of the page becomes the content that draws it."""
    head, _ = objects[page - 1]
    resources, content = _named(head, b"/Resources "), _named(head, b"/Contents ")
    box = head.split(b"/MediaBox", 1)[1].split(b"]", 1)[0]
    old, stream = objects[content - 1]
    form = b"<</Type/XObject/Subtype/Form/BBox%s]/Resources %d 0 R" % (box, resources)
    objects[content - 1] = old.replace(b"<<", form, 1), stream
    objects[page - 1] = b"<</Length 5>>", b"\nstream\n/G Do\nendstream"
    return content


def _draw_first(objects: list[tuple[bytes, bytes]], page: int, drawing: int, form: int) -> None:
    head, _ = objects[page - 1]
    resources, content = _named(head, b"/Resources "), _named(head, b"/Contents ")
    own, _ = objects[resources - 1]
    beside = own if b"/XObject<<" in own else own.replace(b"<<", b"<</XObject<<>>", 1)
    together = beside.replace(b"/XObject<<", b"/XObject<</G %d 0 R" % form, 1)
    head = head.replace(b"/Resources %d 0 R" % resources, b"/Resources" + together, 1)
    head = head.replace(b"/Contents %d 0 R" % content, b"/Contents[%d 0 R %d 0 R]" % (drawing, content), 1)
    objects[page - 1] = head, b""
    objects[resources - 1] = b"", b""


def _named(head: bytes, key: bytes) -> int:
    """The object to which this key of a dictionary points."""
    try:
        return int(head.split(key, 1)[1].split(b" ", 1)[0])
    except (ValueError, IndexError) as error:
        raise NotPlain(f"no{key.decode()}where one is expected") from error


def _objects(part: bytes) -> list[bytes]:
    """The bodies of the objects 1, 2, 3 …"""
    try:
        start = int(part[part.rindex(b"startxref") + 9 :].split(None, 1)[0])
        table = part[start:].split(b"\n", 2)
        count = int(table[1].split()[1])
        offsets = [int(table[2][20 * line : 20 * line + 10]) for line in range(1, count)]
    except (ValueError, IndexError) as error:
        raise NotPlain("no plain table of cross-references") from error
    return [_body(part, number, offset) for number, offset in enumerate(offsets, start=1)]


def _body(part: bytes, number: int, offset: int) -> bytes:
    opening = b"%d 0 obj\n" % number
    if not part.startswith(opening, offset):
        raise NotPlain(f"object {number} is not where the table says")
    begin = offset + len(opening)
    head_end = part.index(b"\nendobj", begin)
    stream = part.find(b"\nstream\n", begin, head_end)
    if stream >= 0:  # compressed bytes may hold any word: the length tells where they end
        length = int(part[begin:stream].split(b"/Length ", 1)[1].split(b"/", 1)[0].split(b">", 1)[0])
        head_end = part.index(b"\nendobj", stream + 8 + length)
    return part[begin:head_end]


def _split(body: bytes) -> tuple[bytes, bytes]:
    at = body.find(b"\nstream\n")
    return (body, b"") if at < 0 else (body[:at], body[at:])


def _renumbered(head: bytes, by: int) -> bytes:
    return _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + by), head)
