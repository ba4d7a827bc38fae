"""The reader of results (RPX): what ANS answers to an update file (SBX), in one pass and constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from beneficiaries.domain.identifiers import digits
from sib.formats.cnx.conference import HashState
from sib.formats.errors import InvalidSibFile
from sib.formats.xml_elements import ElementReader, Node

__all__ = ["Included", "Rejected", "RejectedFile", "RpxResult", "Tally", "normal_code", "read"]

MAX_VALUE_CHARACTERS = 200  # characters of a value or a message that are kept
TOTALS = {
    "consolidadoinclusao": "1",
    "consolidadoretificacao": "2",
    "consolidadomudancacontratual": "3",
    "consolidadocancelamento": "4",
    "consolidadoreativacao": "5",
    "consolidadosemmovimentacao": "6",
    "consolidadototal": "",
}
"""The element of each type of movement in the summary; ``""`` is all of them."""

_CONTAINERS = frozenset(
    {
        *("mensagemsib", "mensagem", "ansparaoperadora", "resultadoprocessamento", "arquivoprocessado"),
        *("registrosrejeitados", "registrosincluidos"),
        *("consolidado", "consolidadoerroprocessamento", "consolidadoprocessamento"),
    }
)
_OTHER_ROOTS = {
    "operadoraparaans": "É um arquivo de atualização (SBX), que a operadora envia à ANS.",
    "conferencia": "É uma conferência cadastral (CNX): envie-a na página Conferências.",
    "transferencia": "É um arquivo de transferência de carteira.",
}
_ASK = "Envie o resultado do processamento (RPX) que a ANS gerou."


class Rejected(NamedTuple):
    """One error of one rejected record. ``record`` counts the records from 1; texts are ``""`` where not given."""

    record: int
    line: int
    movement: str  # type of movement, "1" to "6"
    cco: str  # twelve digits; "" for zeros, too
    code: str  # codigoBeneficiario as it came
    field_code: str  # two digits
    field_name: str
    value: str
    error_code: str  # four digits
    message: str


class Included(NamedTuple):
    """An accepted inclusão and the CCO that ANS gave it."""

    line: int
    code: str
    cco: str
    name: str


class Tally(NamedTuple):
    """What the file says of one type of movement."""

    records: int
    processed: int
    rejected: int


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that ANS did not process at all."""

    code: str  # two digits
    reason: str
    received_at: str


@dataclass
class RpxResult:
    """A result being read: all but ``rows`` is known once they are through."""

    elements: ElementReader
    registration: str = ""  # the operator's, six digits
    created_at: str = ""
    sbx_name: str = ""  # of the file that is answered
    protocol: str = ""
    refusal: RejectedFile | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)  # by type of movement, "" for all
    errors: dict[str, int] = field(default_factory=dict)  # occurrences by error code, as the file sums them up
    stated_hash: str = ""
    rejected: int = 0  # records
    included: int = 0

    @property
    def hash_state(self) -> HashState:
        return HashState.of(self.stated_hash, self.elements.document)

    def rows(self) -> Iterator[Rejected | Included]:
        """The rejections and inclusions, once; InvalidSibFile where the file turns out not to be a whole result."""
        for node in self.elements:
            if node.name == "registrorejeitado":
                self.rejected += 1
                yield from _rejections(node, self.rejected)
            elif node.name == "registroincluido":
                self.included += 1
                yield _inclusion(node)
            else:
                self._note(node)
        if not self.sbx_name:
            raise InvalidSibFile(f"O arquivo não traz o resultado de um arquivo SBX. {_ASK}")

    def _note(self, node: Node) -> None:
        match node.name:
            case "cabecalho":
                self._note_heading(node)
            case "epilogo":
                self.stated_hash = node.value("hash").upper()
            case "protocoloprocessamento":
                self._answers(node)
                self.protocol = node.value("numeroProtocolo")[:40]
            case "arquivorejeitado":
                self._answers(node)
                code = digits(node.value("codigoMotivoRejeicao")).zfill(2)[-2:]
                reason, received = node.value("motivoRejeicao"), node.value("dataHoraRecebimento")
                self.refusal = RejectedFile(code, reason[:MAX_VALUE_CHARACTERS], received[:40])
            case "erro":
                code = _number(node, "codigoErro", 4)
                self.errors[code] = self.errors.get(code, 0) + _count(node, "quantidadeOcorrenciaErro")
            case name if name in TOTALS:
                parts = ("quantidadeRegistros", "quantidadeProcessados", "quantidadeRejeitados")
                self.tallies[TOTALS[name]] = Tally._make(_count(node, part) for part in parts)

    def _note_heading(self, node: Node) -> None:
        for heading in node.nodes:
            if heading.name == "destino" and heading.value("registroANS"):
                self.registration = digits(heading.value("registroANS")).zfill(6)
            if heading.name == "identificacaotransacao":
                self.created_at = heading.value("dataHoraRegistroTransacao")[:40]

    def _answers(self, node: Node) -> None:
        """The name of the answered file; a result is about one."""
        if self.sbx_name:
            raise InvalidSibFile(f"Linha {node.line}: o arquivo traz mais de um resultado. Envie um resultado por vez.")
        self.sbx_name = node.value("nomeArquivo")[:100].upper()


def read(stream: BinaryIO) -> RpxResult:
    """The result in ``stream``, nothing of it read yet."""
    return RpxResult(ElementReader(stream, _CONTAINERS, _OTHER_ROOTS, _ASK))


def normal_code(code: str) -> str:
    """A codigoBeneficiario as one compares it: ANS and some programs pad it with zeros."""
    return code.strip().lstrip("0")


def _rejections(node: Node, record: int) -> Iterator[Rejected]:
    """One for each error; a rejected record that names none is a rejection all the same."""
    movement = digits(node.value("codigoTipoMovimento")).lstrip("0")[:1]
    who = (record, node.line, movement, _cco(node), node.value("codigoBeneficiario")[:30])
    found = False
    for campo in node.children("campoErro"):
        for error in list(campo.children("erro")) or [campo]:
            found = True
            yield Rejected(*who, *_about_field(campo, error), *_about_error(error))
    if not found:
        yield Rejected(*who, *_about_field(node, node), *_about_error(node))


def _about_field(campo: Node, error: Node) -> tuple[str, str, str]:
    code = _number(campo, "codigoCampo", 2) or _number(error, "codigoErro", 4)[:2]
    return code, campo.value("descricaoCampo")[:70], campo.value("valorCampo")[:MAX_VALUE_CHARACTERS]


def _about_error(error: Node) -> tuple[str, str]:
    return _number(error, "codigoErro", 4), error.value("mensagemErro")[:MAX_VALUE_CHARACTERS]


def _inclusion(node: Node) -> Included:
    code, name = node.value("codigoBeneficiario")[:30], node.value("nomeBeneficiario")[:MAX_VALUE_CHARACTERS]
    return Included(node.line, code, _cco(node), name)


def _cco(node: Node) -> str:
    cco = _number(node, "cco", 12)
    return cco if cco.strip("0") else ""


def _number(node: Node, name: str, length: int) -> str:
    """Digits with the zeros that a program ate; a text that is longer is none of ANS's numbers, and left out."""
    number = digits(node.value(name))
    return number.zfill(length) if number and len(number) <= length else ""


def _count(node: Node, name: str) -> int:
    return int(digits(node.value(name).partition(".")[0])[:9] or 0)
