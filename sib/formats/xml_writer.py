"""Streaming writer of SIB documents: ISO-8859-1, one element a line, hashed on the way (docs/reference/sib.md §1.1)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from sib.formats.cnx.writer import SCHEMA
from sib.formats.sib_hash import SibHash

ENCODING = "iso-8859-1"
DECLARATIONS = (
    ("xmlns:ansSIB", "http://www.ans.gov.br/padroes/sib/schemas"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xsi:schemaLocation", SCHEMA),
)


class SibXmlWriter:
    """Elements written as they come, and hashed."""

    def __init__(self, stream: BinaryIO) -> None:
        self.document = SibHash()
        self._stream = stream
        self._depth = 0
        self._put('<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>')

    @contextmanager
    def element(self, name: str, attributes: Sequence[tuple[str, str]] = ()) -> Iterator[None]:
        self.document.start(name, attributes, is_root=not self._depth)
        self._put(f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes)}>")
        self._depth += 1
        yield
        self._depth -= 1
        self._put(f"</{name}>")

    def text(self, name: str, text: str) -> None:
        self.document.text(text)
        self._put(f"<{name}>{escape(text)}</{name}>")

    def empty(self, name: str) -> None:
        self._put(f"<{name}/>")

    def _put(self, line: str) -> None:
        self._stream.write(f"{' ' * self._depth}{line}\n".encode(ENCODING, "xmlcharrefreplace"))
