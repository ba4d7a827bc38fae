"""What is around and between the plain records of a conference, read by expat: the header, the odd records, the end."""

from collections.abc import Mapping
from functools import lru_cache
from xml.parsers import expat

from sib.formats.cnx.record import CnxRecord, as_record
from sib.formats.sib_hash import SibHash

CONFERENCE = ("mensagemsib", "mensagem", "ansparaoperadora", "conferencia")
RECORD = (*CONFERENCE, "beneficiario")
DEEPEST = 30
LONGEST = 1 << 20  # characters of one text
LONGEST_TAG = 8 << 20  # bytes
MOST_FIELDS = 200
_NOT_FIELDS = ("xmlns", "xsi:")  # attributes that say something of XML, as xsi:nil does of a blank
_NO_MARKUP = expat.errors.codes[expat.errors.XML_ERROR_SYNTAX]

_OTHER_FILES: Mapping[tuple[str, ...], str] = {
    ("mensagemsib", "mensagem", "operadoraparaans"): "É um arquivo de atualização (SBX), que a operadora envia à ANS.",
    (*CONFERENCE[:3], "resultadoprocessamento"): "É o resultado do processamento (RPX) de um arquivo SBX.",
    (*CONFERENCE[:3], "transferencia"): "É um arquivo de transferência de carteira.",
}
_ASK_FOR_CNX = "Envie a conferência cadastral (CNX) que a ANS gerou."


class NotCnx(Exception):
    """The file as a whole cannot be taken: one sentence for the user, and the place where there is one (from 1)."""

    def __init__(self, sentence: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.column = column


class Envelope:
    """Takes pieces of the document in order; keeps the header, the records that were among them, and the hash.

    Names are compared without prefix and case. ``hidden_lines`` is how many line ends the parser has not been
    shown (``hide``).
    """

    def __init__(self, document: SibHash) -> None:
        self.document = document
        self.header: dict[str, str] = {}  # "destino/registroans" → text
        self.records: list[CnxRecord] = []
        self.hidden_lines = 0
        self._hidden_columns = (0, 0)  # on this line of the parser, so many characters it was not shown
        self.conference_begun = False
        self._path: list[str] = []
        self._in_record = False
        self._texts: dict[str, str] = {}
        self._repeated: dict[str, str] = {}
        self._text: list[str] = []
        self._is_leaf = True
        self._line = 0
        self._fed = 0
        self._tag_begins = 0
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
        """Read on; NotCnx."""
        data = text.encode("utf-8", "surrogatepass")
        self._fed += len(data)
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise self._malformed(error) from None
        self._limit_text(sum(map(len, self._text)))
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            raise self._refuse("Uma etiqueta ou um comentário não termina.")

    def finish(self) -> None:
        """There is no more; NotCnx where there should be."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            line, column = self._place_of(error)
            sentence = f"O arquivo está cortado: acaba na linha {line}, antes do fim. Baixe a conferência de novo."
            if not self._path and error.code == _NO_MARKUP:
                raise self._malformed(error) from None
            raise NotCnx(sentence if self._path else f"O arquivo está vazio. {_ASK_FOR_CNX}", line, column) from None

    def is_between_records(self, tag: str) -> bool:
        """Whether all that was fed is understood, and its last ``tag`` left us directly inside the conference."""
        return tuple(self._path) == CONFERENCE and self._tag_begins + len(tag) == self._fed

    def hide(self, lines: int, columns: int) -> None:
        """The parser is not shown a text, with so many line ends and so many characters on its last line."""
        line, shown = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        hidden_on, hidden = self._hidden_columns
        self._hidden_columns = line, columns - shown if lines else columns + (hidden if line == hidden_on else 0)
        self.hidden_lines += lines

    def take(self) -> list[CnxRecord]:
        taken, self.records = self.records, []
        return taken

    def _malformed(self, error: expat.ExpatError) -> NotCnx:
        line, column = self._place_of(error)
        if not self._path and line == 1:
            return NotCnx(f"O arquivo não é XML. {_ASK_FOR_CNX}", line, column)
        sentence = f"O XML está malformado na linha {line}, coluna {column}. Baixe a conferência de novo."
        return NotCnx(sentence, line, column)

    def _place_of(self, error: expat.ExpatError) -> tuple[int, int]:
        return self._place(error.lineno, error.offset)

    def _place(self, line: int, column: int) -> tuple[int, int]:
        """Counted from 1, in the whole document."""
        hidden_on, hidden = self._hidden_columns
        return line + self.hidden_lines, column + 1 + (hidden if line == hidden_on else 0)

    def _refuse(self, sentence: str) -> NotCnx:
        line, column = self._place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)
        return NotCnx(f"Linha {line}: {sentence}", line, column)

    def _doctype(self, *_: object) -> None:
        raise self._refuse("O arquivo declara um DTD, o que não é aceito por segurança.")

    def _start(self, name: str, attributes: list[str]) -> None:
        if self._text:
            self._take_text()
        path = self._path
        path.append(_local(name))
        self._is_leaf = True
        if len(path) > DEEPEST:
            raise self._refuse("O arquivo tem elementos demais uns dentro dos outros.")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True)) if attributes else []
        if pairs and not self._in_epilogue():
            self.document.start(name, pairs, is_root=len(path) == 1)
        if len(path) < len(RECORD):
            self._begin_structure(tuple(path))
        elif len(path) == len(RECORD):
            self._begin_record()
        for key, value in pairs:
            if self._in_record and not key.startswith(_NOT_FIELDS):
                self._keep(_local(key), value)

    def _begin_structure(self, path: tuple[str, ...]) -> None:
        if path[0] != CONFERENCE[0]:
            raise NotCnx(f"O XML não é um arquivo do SIB. {_ASK_FOR_CNX}", 1, 1)
        if path in _OTHER_FILES:
            raise NotCnx(f"{_OTHER_FILES[path]} {_ASK_FOR_CNX}")
        if path == CONFERENCE:
            self.conference_begun = True
            self._tag_begins = self._parser.CurrentByteIndex

    def _begin_record(self) -> None:
        self._in_record = tuple(self._path) == RECORD
        self._line = self._parser.CurrentLineNumber + self.hidden_lines
        self._texts, self._repeated = {}, {}

    def _end(self, _: str) -> None:
        text = self._take_text() if self._text else ""
        name = self._path.pop()
        is_leaf, self._is_leaf = self._is_leaf, False
        if not self._in_record:
            if is_leaf and text and len(self.header) < MOST_FIELDS:
                self.header["/".join((*self._path[-1:], name))] = text.strip()
        elif len(self._path) == len(CONFERENCE):
            self._in_record = False
            self.records.append(as_record(self._line, self._texts, self._repeated))
            self._tag_begins = self._parser.CurrentByteIndex
        elif is_leaf:
            self._keep(name, text)

    def _keep(self, name: str, text: str) -> None:
        """A blank field is no field; of two with one name the first stays."""
        if not text or text.isspace():
            return
        if len(self._texts) + len(self._repeated) > MOST_FIELDS:
            raise self._refuse("O registro tem campos demais.")
        if name in self._texts:
            self._repeated[name] = text
        else:
            self._texts[name] = text

    def _limit_text(self, length: int) -> None:
        if length > LONGEST:
            raise self._refuse("Um campo tem mais de um milhão de letras.")

    def _take_text(self) -> str:
        """The text since the last tag, hashed unless it stands in the epilogue."""
        text = "".join(self._text)
        self._limit_text(len(text))
        self._text.clear()
        if text.isspace():
            return ""
        if not self._in_epilogue():
            self.document.text(text)
        return text

    def _in_epilogue(self) -> bool:
        return len(self._path) > 1 and self._path[1] == "epilogo"


@lru_cache(maxsize=1000)
def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
