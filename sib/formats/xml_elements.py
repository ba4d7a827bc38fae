"""Streaming parser of SIB documents: small trees, one at a time, in constant memory.

Names are compared without prefix and case; attributes and leaves are alike, since programs write one for the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from sib.formats.cnx.record import repaired
from sib.formats.encoding import decoded
from sib.formats.errors import InvalidSibFile
from sib.formats.expat_reader import ROOT, ExpatReader, local_name
from sib.formats.sib_hash import SibHash

MAX_NODES = 20_000  # of one tree


@dataclass(slots=True)
class Node:
    """An element with what is in it; of two values with one name the first, and a blank one is none."""

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    nodes: list["Node"] = field(default_factory=list)

    def value(self, name: str) -> str:
        return self.values.get(name.lower(), "")

    def children(self, name: str) -> Iterator["Node"]:
        return (node for node in self.nodes if node.name == name.lower())

    def keep(self, name: str, text: str) -> None:
        if text and not text.isspace():
            self.values.setdefault(name, repaired(text).strip())


class ElementReader(ExpatReader):
    """Reads a document once; iterating gives the outermost elements that are no ``containers``, in order.

    ``strangers`` are elements that only other kinds of file have, each with the sentence that refuses them; ``ask``
    says what to send in place of a file that is none of ours. Raises InvalidSibFile.
    """

    def __init__(self, stream: BinaryIO, containers: frozenset[str], strangers: Mapping[str, str], ask: str) -> None:
        super().__init__(SibHash(), ask, ask)
        self._chunks = decoded(stream)
        self._containers = containers
        self._strangers = strangers
        self._open: list[Node] = []
        self._ready: list[Node] = []
        self._epilogue_begun = False
        self._nodes = self._letters = 0

    def __iter__(self) -> Iterator[Node]:
        for chunk in self._chunks:
            self.feed(chunk)
            yield from self._pop_ready()
        self.finish()
        yield from self._pop_ready()

    def _pop_ready(self) -> list[Node]:
        taken, self._ready = self._ready, []
        return taken

    def _nothing(self, _: expat.ExpatError) -> InvalidSibFile:
        return InvalidSibFile(f"O arquivo {'não é XML' if self._fed else 'está vazio'}. {self._ask}", 1, 1)

    def _start(self, name: str, attributes: list[str]) -> None:
        if self._text:
            self._pop_text()
        local = local_name(name)
        self._check_place(local)
        self._path.append(local)
        self._limit_depth()
        self._epilogue_begun = self._epilogue_begun or local == "epilogo"
        pairs = self._hash_attributes(name, attributes)
        if self._open or local not in self._containers:
            self._begin(local, pairs)

    def _check_place(self, local: str) -> None:
        if not self._path and local != ROOT:
            raise self._not_a_sib_file()
        if local in self._strangers and not self._open:
            raise InvalidSibFile(f"{self._strangers[local]} {self._ask}")

    def _begin(self, local: str, pairs: list[tuple[str, str]]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._refuse("O registro tem campos demais.")
        node = Node(local, self._parser.CurrentLineNumber)
        for key, text in pairs:
            if not key.startswith("xmlns"):
                node.keep(local_name(key), self._count_text(text))
        self._open.append(node)

    def _end(self, _: str) -> None:
        text = self._pop_text() if self._text else ""
        self._path.pop()
        if not self._open:
            return
        node = self._open.pop()
        if not self._open:
            self._ready.append(node)
            self._nodes = self._letters = 0
            return
        self._open[-1].keep(node.name, self._count_text(text))
        if node.values or node.nodes:
            self._open[-1].nodes.append(node)

    def _count_text(self, text: str) -> str:
        """A tree is kept whole: all its texts together are no longer than one may be."""
        self._letters += len(text)
        self._limit_text(self._letters)
        return text

    def _in_epilogue(self) -> bool:
        return self._epilogue_begun
