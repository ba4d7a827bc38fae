"""A document of the SIB as small trees, one at a time and in constant memory, whatever its size.

Names are compared without prefix and case; attributes and leaves are alike, since programs write one for the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from sib.formats.cnx.record import repaired
from sib.formats.cnx.xml_structure import DEEPEST, LONGEST, LONGEST_TAG
from sib.formats.encoding import UnknownEncoding, decoded
from sib.formats.sib_hash import SibHash

ROOT = "mensagemsib"
MOST_NODES = 20_000  # of one tree


class NotThisFile(Exception):
    """The file as a whole cannot be taken: one sentence for the user, and the place where there is one (from 1)."""

    def __init__(self, sentence: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.column = column


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


class Units:
    """Reads a document once; iterating gives the outermost elements that are no ``containers``, in order.

    ``strangers`` are elements that only other kinds of file have, each with the sentence that refuses them; ``ask``
    says what to send in place of a file that is none of ours. Raises NotThisFile.
    """

    def __init__(self, stream: BinaryIO, containers: frozenset[str], strangers: Mapping[str, str], ask: str) -> None:
        self.document = SibHash()
        self._chunks = decoded(stream)
        self._containers = containers
        self._strangers = strangers
        self._ask = ask
        self._path: list[str] = []
        self._open: list[Node] = []
        self._ready: list[Node] = []
        self._text: list[str] = []
        self._in_epilogue = False
        self._nodes = self._letters = self._fed = 0
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    def __iter__(self) -> Iterator[Node]:
        for chunk in self._decoded():
            self._feed(chunk)
            yield from self._taken()
        self._finish()
        yield from self._taken()

    def _taken(self) -> list[Node]:
        taken, self._ready = self._ready, []
        return taken

    def _decoded(self) -> Iterator[str]:
        try:
            yield from self._chunks
        except UnknownEncoding as error:
            raise NotThisFile(f"A codificação {error} não é aceita. Salve o arquivo em ISO-8859-1.", 1, 1) from None

    def _feed(self, text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self._fed += len(data)
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        self._limit_text(sum(map(len, self._text)))
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            raise self._refuse("Uma etiqueta ou um comentário não termina.")

    def _finish(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            if not self._path:
                what = "não é XML" if self._fed else "está vazio"
                raise NotThisFile(f"O arquivo {what}. {self._ask}", 1, 1) from None
            sentence = f"O arquivo está cortado: acaba na linha {error.lineno}, antes do fim. {self._ask}"
            raise NotThisFile(sentence, error.lineno, error.offset + 1) from None

    # ---- trouble --------------------------------------------------------------------------------------------------

    def _malformed(self, error: expat.ExpatError) -> NotThisFile:
        line, column = error.lineno, error.offset + 1
        if not self._path and line == 1:
            return NotThisFile(f"O arquivo não é XML. {self._ask}", line, column)
        return NotThisFile(f"O XML está malformado na linha {line}, coluna {column}. {self._ask}", line, column)

    def _refuse(self, sentence: str) -> NotThisFile:
        line = self._parser.CurrentLineNumber
        return NotThisFile(f"Linha {line}: {sentence}", line, self._parser.CurrentColumnNumber + 1)

    def _doctype(self, *_: object) -> None:
        raise self._refuse("O arquivo declara um DTD, o que não é aceito por segurança.")

    def _limit_text(self, length: int) -> None:
        if length > LONGEST:
            raise self._refuse("Um campo tem mais de um milhão de letras.")

    # ---- elements -------------------------------------------------------------------------------------------------

    def _start(self, name: str, attributes: list[str]) -> None:
        self._take_text()
        local = _local(name)
        self._check_place(local)
        self._path.append(local)
        self._in_epilogue = self._in_epilogue or local == "epilogo"
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        if pairs and not self._in_epilogue:
            self.document.start(name, pairs, is_root=len(self._path) == 1)
        if self._open or local not in self._containers:
            self._begin(local, pairs)

    def _check_place(self, local: str) -> None:
        if not self._path and local != ROOT:
            raise NotThisFile(f"O XML não é um arquivo do SIB. {self._ask}", 1, 1)
        if local in self._strangers and not self._open:
            raise NotThisFile(f"{self._strangers[local]} {self._ask}")
        if len(self._path) >= DEEPEST:
            raise self._refuse("O arquivo tem elementos demais uns dentro dos outros.")

    def _begin(self, local: str, pairs: list[tuple[str, str]]) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise self._refuse("O registro tem campos demais.")
        node = Node(local, self._parser.CurrentLineNumber)
        for key, text in pairs:
            if not key.startswith("xmlns"):
                node.keep(_local(key), self._weighed(text))
        self._open.append(node)

    def _end(self, _: str) -> None:
        text = self._take_text()
        self._path.pop()
        if not self._open:
            return
        node = self._open.pop()
        if not self._open:
            self._ready.append(node)
            self._nodes = self._letters = 0
            return
        self._open[-1].keep(node.name, self._weighed(text))
        if node.values or node.nodes:
            self._open[-1].nodes.append(node)

    def _weighed(self, text: str) -> str:
        """A tree is kept whole: all its texts together are no longer than one may be."""
        self._letters += len(text)
        self._limit_text(self._letters)
        return text

    def _take_text(self) -> str:
        """The text since the last tag, hashed unless it stands in the epilogue."""
        if not self._text:
            return ""
        text = "".join(self._text)
        self._text.clear()
        self._limit_text(len(text))
        if not self._in_epilogue:
            self.document.text(text)
        return text


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
