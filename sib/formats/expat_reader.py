"""The base of the SIB's XML readers: expat within limits, element paths, errors with their position.

Names are compared without prefix and case. A DTD is refused, for it could name other files or grow without end.
"""

from abc import ABC, abstractmethod
from functools import lru_cache
from xml.parsers import expat

from sib.formats.errors import InvalidSibFile
from sib.formats.sib_hash import SibHash

ROOT = "mensagemsib"
MAX_DEPTH = 30
MAX_TEXT_CHARACTERS = 1 << 20
MAX_TAG_BYTES = 8 << 20


class ExpatReader(ABC):
    """Takes pieces of a document in order; who inherits says what an element's start and end mean.

    ``ask`` says what to send in place of a file that is none of ours, ``retry`` what to do about a damaged one.
    """

    def __init__(self, document: SibHash, ask: str, retry: str) -> None:
        self.document = document
        self._ask = ask
        self._retry = retry
        self._path: list[str] = []
        self._text: list[str] = []
        self._fed = 0
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

    def feed(self, text: str) -> None:
        """Read on; InvalidSibFile."""
        data = text.encode("utf-8", "surrogatepass")
        self._fed += len(data)
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        self._limit_text(sum(map(len, self._text)))
        if self._fed - self._parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise self._refuse("Uma etiqueta ou um comentário não termina.")

    def finish(self) -> None:
        """There is no more; InvalidSibFile where there should be."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise (self._cut(error) if self._path else self._nothing(error)) from None

    @abstractmethod
    def _start(self, name: str, attributes: list[str]) -> None:
        """An element begins; names and values of its attributes in turn."""

    @abstractmethod
    def _end(self, name: str) -> None:
        """An element ends."""

    @abstractmethod
    def _in_epilogue(self) -> bool:
        """Whether what is read does not count for the hash."""

    @abstractmethod
    def _nothing(self, error: expat.ExpatError) -> InvalidSibFile:
        """The document ended before its first element, or was over and did not end."""

    def _place(self, line: int, column: int) -> tuple[int, int]:
        """Expat's place, counted from 1."""
        return line, column + 1

    def _hash_attributes(self, name: str, attributes: list[str]) -> list[tuple[str, str]]:
        """Of the element that the way has just reached; the attributes in pairs."""
        if not attributes:
            return []
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        if not self._in_epilogue():
            self.document.start(name, pairs, is_root=len(self._path) == 1)
        return pairs

    def _pop_text(self) -> str:
        """The text since the last tag, hashed unless it stands in the epilogue."""
        text = "".join(self._text)
        self._limit_text(len(text))
        self._text.clear()
        if not text.isspace() and not self._in_epilogue():
            self.document.text(text)
        return text

    def _limit_text(self, length: int) -> None:
        if length > MAX_TEXT_CHARACTERS:
            raise self._refuse("Um campo tem mais de um milhão de letras.")

    def _limit_depth(self) -> None:
        if len(self._path) > MAX_DEPTH:
            raise self._refuse("O arquivo tem elementos demais uns dentro dos outros.")

    # ---- refusals -------------------------------------------------------------------------------------------------

    def _refuse(self, sentence: str) -> InvalidSibFile:
        line, column = self._place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)
        return InvalidSibFile(f"Linha {line}: {sentence}", line, column)

    def _not_a_sib_file(self) -> InvalidSibFile:
        return InvalidSibFile(f"O XML não é um arquivo do SIB. {self._ask}", 1, 1)

    def _malformed(self, error: expat.ExpatError) -> InvalidSibFile:
        line, column = self._place(error.lineno, error.offset)
        if not self._path and line == 1:
            return InvalidSibFile(f"O arquivo não é XML. {self._ask}", line, column)
        return InvalidSibFile(f"O XML está malformado na linha {line}, coluna {column}. {self._retry}", line, column)

    def _cut(self, error: expat.ExpatError) -> InvalidSibFile:
        line, column = self._place(error.lineno, error.offset)
        sentence = f"O arquivo está cortado: acaba na linha {line}, antes do fim. {self._retry}"
        return InvalidSibFile(sentence, line, column)

    def _doctype(self, *_: object) -> None:
        """External entities (XXE) and entity expansion (billion laughs) begin with one."""
        raise self._refuse("O arquivo declara um DTD, o que não é aceito por segurança.")


@lru_cache(maxsize=1000)
def local_name(name: str) -> str:
    return name.rpartition(":")[2].lower()
