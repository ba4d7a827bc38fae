"""Synthetic results (RPX) of ANS for an update file (SBX): codes and messages are invented."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from zlib import crc32

from demo.synthetic.numbers import cco
from sib.formats.rpx.reader import Included, Rejected
from sib.formats.rpx.writer import RpxContent
from sib.formats.xml_elements import ElementReader, Node

TYPES = {"inclusao": "1", "retificacao": "2", "mudancacontratual": "3", "cancelamento": "4", "reativacao": "5"}
FIRST_CCO = 800_000_000  # of those that the simulated ANS gives; the invented registry counts from 1
MESSAGE = "CRITICA FICTICIA DE TREINAMENTO"
CRITICISED = (
    ("cns", "07", "CNS"),
    ("cpf", "04", "CPF"),
    ("nome", "01", "NOME DO BENEFICIARIO"),
    ("dataCancelamento", "32", "DATA DE CANCELAMENTO"),
    ("dataReativacao", "20", "DATA DE REATIVACAO"),
    ("dataContratacao", "12", "DATA DE CONTRATACAO"),
)
"""What is found fault with: the first of these fields that the movement has."""

_CONTAINERS = frozenset({"mensagemsib", "mensagem", "operadoraparaans", "beneficiarios"})
_OTHER_ROOTS = {"ansparaoperadora": "É um arquivo que a ANS manda à operadora."}
_ASK = "Dê o arquivo de atualização (SBX) que a operadora enviaria à ANS."


@dataclass(frozen=True, slots=True)
class Sent:
    """A movement as the SBX has it."""

    movement: str
    cco: str
    code: str
    name: str
    field: tuple[str, str, str]  # that ANS would find fault with: code, name, value


def answer(sbx: BinaryIO, name: str, *, reject_every: int = 0) -> RpxContent:
    """The answer to the SBX of this name: of every so many movements the last is rejected; InvalidSibFile."""
    counts: Counter[str] = Counter()
    rejected: list[Rejected] = []
    included: list[Included] = []
    stamp = crc32(name.encode()) % 100_000_000
    for place, sent in enumerate(_movements(sbx), start=1):
        counts[sent.movement] += 1
        if reject_every and place % reject_every == 0:
            rejected.append(_rejected(len(rejected) + 1, sent))
        elif sent.movement == "1":
            included.append(Included(0, sent.code, cco(FIRST_CCO + stamp + len(included)), sent.name))
    return RpxContent(name, f"{stamp:020d}", counts, rejected, included)


def _movements(sbx: BinaryIO) -> Iterator[Sent]:
    for node in ElementReader(sbx, _CONTAINERS, _OTHER_ROOTS, _ASK):
        if node.name == "naoenviobeneficiarios":
            yield Sent("6", "", "", "", ("", "", ""))
        elif node.name in TYPES:
            yield _sent(node)


def _sent(node: Node) -> Sent:
    values = dict(node.values)
    for block in node.nodes:
        values = block.values | values
    told = values.get
    field = next(
        (
            (code, label, values[name.lower()])
            for name, code, label in CRITICISED
            if name.lower() in values  # of what the movement says, never of what it leaves out
        ),
        ("30", "CCO", node.value("cco")),
    )
    return Sent(TYPES[node.name], node.value("cco"), told("codigobeneficiario", ""), told("nome", ""), field)


def _rejected(record: int, sent: Sent) -> Rejected:
    field_code, label, value = sent.field
    code = "" if sent.cco else sent.code
    return Rejected(record, 0, sent.movement, sent.cco, code, field_code, label, value, f"{field_code}99", MESSAGE)
