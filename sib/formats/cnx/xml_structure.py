"""What is around and between the plain records of a conference, read by expat: the header, the odd records, the end."""

from collections.abc import Mapping
from xml.parsers import expat

from sib.formats.cnx.record import CnxRecord, as_record
from sib.formats.errors import InvalidSibFile
from sib.formats.expat_reader import ROOT, ExpatReader, local_name
from sib.formats.sib_hash import SibHash

CONFERENCE = (ROOT, "mensagem", "ansparaoperadora", "conferencia")
RECORD = (*CONFERENCE, "beneficiario")
MAX_FIELDS = 200
_NOT_FIELDS = ("xmlns", "xsi:")  # attributes that say something of XML, as xsi:nil does of a blank
_NO_MARKUP = expat.errors.codes[expat.errors.XML_ERROR_SYNTAX]

_OTHER_FILES: Mapping[tuple[str, ...], str] = {
    (ROOT, "mensagem", "operadoraparaans"): "É um arquivo de atualização (SBX), que a operadora envia à ANS.",
    (*CONFERENCE[:3], "resultadoprocessamento"): "É o resultado do processamento (RPX) de um arquivo SBX.",
    (*CONFERENCE[:3], "transferencia"): "É um arquivo de transferência de carteira.",
}
_ASK_FOR_CNX = "Envie a conferência cadastral (CNX) que a ANS gerou."


class StructureParser(ExpatReader):
    """Keeps the header, the records that were among the pieces of the document, and the hash.

    ``hidden_lines`` is how many line ends the parser has not been shown (``skip``).
    """

    def __init__(self, document: SibHash) -> None:
        super().__init__(document, _ASK_FOR_CNX, "Baixe a conferência de novo.")
        self.header: dict[str, str] = {}  # "destino/registroans" → text
        self.records: list[CnxRecord] = []
        self.hidden_lines = 0
        self._hidden_columns = (0, 0)  # on this line of the parser, so many characters it was not shown
        self.conference_begun = False
        self._in_record = False
        self._texts: dict[str, str] = {}
        self._repeated: dict[str, str] = {}
        self._is_leaf = True
        self._line = 0
        self._tag_begins = 0

    def is_between_records(self, tag: str) -> bool:
        """Whether all that was fed is understood, and its last ``tag`` left us directly inside the conference."""
        return tuple(self._path) == CONFERENCE and self._tag_begins + len(tag) == self._fed

    def skip(self, lines: int, columns: int) -> None:
        """The parser is not shown a text, with so many line ends and so many characters on its last line."""
        line, shown = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        hidden_on, hidden = self._hidden_columns
        self._hidden_columns = line, columns - shown if lines else columns + (hidden if line == hidden_on else 0)
        self.hidden_lines += lines

    def pop_records(self) -> list[CnxRecord]:
        taken, self.records = self.records, []
        return taken

    def _nothing(self, error: expat.ExpatError) -> InvalidSibFile:
        if error.code == _NO_MARKUP:
            return self._malformed(error)
        return InvalidSibFile(f"O arquivo está vazio. {self._ask}", *self._place(error.lineno, error.offset))

    def _place(self, line: int, column: int) -> tuple[int, int]:
        """Counted from 1, in the whole document."""
        hidden_on, hidden = self._hidden_columns
        return line + self.hidden_lines, column + 1 + (hidden if line == hidden_on else 0)

    def _start(self, name: str, attributes: list[str]) -> None:
        if self._text:
            self._pop_text()
        path = self._path
        path.append(local_name(name))
        self._is_leaf = True
        self._limit_depth()
        pairs = self._hash_attributes(name, attributes)
        if len(path) < len(RECORD):
            self._begin_structure(tuple(path))
        elif len(path) == len(RECORD):
            self._begin_record()
        for key, value in pairs:
            if self._in_record and not key.startswith(_NOT_FIELDS):
                self._add_field(local_name(key), value)

    def _begin_structure(self, path: tuple[str, ...]) -> None:
        if path[0] != ROOT:
            raise self._not_a_sib_file()
        if path in _OTHER_FILES:
            raise InvalidSibFile(f"{_OTHER_FILES[path]} {self._ask}")
        if path == CONFERENCE:
            self.conference_begun = True
            self._tag_begins = self._parser.CurrentByteIndex

    def _begin_record(self) -> None:
        self._in_record = tuple(self._path) == RECORD
        self._line = self._parser.CurrentLineNumber + self.hidden_lines
        self._texts, self._repeated = {}, {}

    def _end(self, _: str) -> None:
        text = self._pop_text() if self._text else ""
        name = self._path.pop()
        is_leaf, self._is_leaf = self._is_leaf, False
        if not self._in_record:
            if is_leaf and text and not text.isspace() and len(self.header) < MAX_FIELDS:
                self.header["/".join((*self._path[-1:], name))] = text.strip()
        elif len(self._path) == len(CONFERENCE):
            self._in_record = False
            self.records.append(as_record(self._line, self._texts, self._repeated))
            self._tag_begins = self._parser.CurrentByteIndex
        elif is_leaf:
            self._add_field(name, text)

    def _add_field(self, name: str, text: str) -> None:
        """A blank field is no field; of two with one name the first stays."""
        if not text or text.isspace():
            return
        if len(self._texts) + len(self._repeated) > MAX_FIELDS:
            raise self._refuse("O registro tem campos demais.")
        if name in self._texts:
            self._repeated[name] = text
        else:
            self._texts[name] = text

    def _in_epilogue(self) -> bool:
        return len(self._path) > 1 and self._path[1] == "epilogo"
