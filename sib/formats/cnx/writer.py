"""Writes a conference as the ANS manual describes: ISO-8859-1, elements in the order of the schema, valid hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.sax.saxutils import escape, quoteattr

from sib.formats.cnx.record import ATTRIBUTES, BLOCKS, CnxRecord
from sib.formats.sib_hash import SibHash

ANS_CNPJ = "03589068000146"
SCHEMA = "http://www.ans.gov.br/padroes/sib/schemas http://www.ans.gov.br/padroes/sib/schemas/sib.xsd"
_ENCODING = "iso-8859-1"
_ROOT = "mensagemSIB"
_DECLARATIONS = (
    ("xmlns:ansSIB", "http://www.ans.gov.br/padroes/sib/schemas"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xsi:schemaLocation", SCHEMA),
)
_TAIL = """   </conferencia>
  </ansParaOperadora>
 </mensagem>
 <epilogo>
  <hash>{}</hash>
 </epilogo>
</mensagemSIB>
"""


@dataclass(frozen=True, slots=True)
class Heading:
    registration: str
    sequence: int
    created_at: str  # xsd:dateTime


def write_cnx(stream: BinaryIO, heading: Heading, records: Iterable[CnxRecord]) -> int:
    """Write the conference, record by record; how many there were."""
    document = SibHash()
    stream.write(_head(heading, document).encode(_ENCODING))
    count = 0
    for count, record in enumerate(records, start=1):  # noqa: B007  (the last one is the answer)
        stream.write(_record(record, document).encode(_ENCODING, "xmlcharrefreplace"))
    stream.write(_TAIL.format(document.hexdigest()).encode(_ENCODING))
    return count


def _head(heading: Heading, document: SibHash) -> str:
    document.start(_ROOT, _DECLARATIONS, is_root=True)

    def leaf(name: str, text: str) -> str:
        document.text(text)
        return f"<{name}>{escape(text)}</{name}>"

    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in _DECLARATIONS)
    return f"""<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>
<{_ROOT}{attributes}>
 <cabecalho>
  <identificacaoTransacao>
   {leaf("tipoTransacao", "CONFERENCIA CADASTRAL")}
   {leaf("sequencialTransacao", str(heading.sequence))}
   {leaf("dataHoraRegistroTransacao", heading.created_at)}
  </identificacaoTransacao>
  <origem>{leaf("cnpj", ANS_CNPJ)}</origem>
  <destino>{leaf("registroANS", heading.registration)}</destino>
  {leaf("versaoPadrao", "1.1")}
  <identificacaoSoftwareGerador>
   {leaf("nomeAplicativo", "SIB-XML")}
   {leaf("versaoAplicativo", "1.1")}
   {leaf("fabricanteAplicativo", "ANS")}
  </identificacaoSoftwareGerador>
 </cabecalho>
 <mensagem>
  <ansParaOperadora>
   <conferencia>
"""


def _layout() -> list[tuple[str, list[tuple[int, str]]]]:
    """The blocks, each with the places of its fields among the texts of a record and their names."""
    place = len(ATTRIBUTES)
    layout = []
    for block, fields in BLOCKS.items():
        layout.append((block, list(enumerate(fields, start=place))))
        place += len(fields)
    return layout


_LAYOUT = _layout()


def _record(record: CnxRecord, document: SibHash) -> str:
    texts = cast("tuple[str, ...]", record[1:-2])
    attributes = [(name, text) for name, text in zip(ATTRIBUTES, texts, strict=False) if text]
    document.start("beneficiario", attributes)
    document.text("".join(texts[len(ATTRIBUTES) :]))
    lines = [f"    <beneficiario{''.join(f' {name}={quoteattr(text)}' for name, text in attributes)}>\n"]
    for block, fields in _LAYOUT:
        lines.append(f"     <{block}>\n")
        lines += [f"      <{name}>{escape(texts[place])}</{name}>\n" for place, name in fields if texts[place]]
        lines.append(f"     </{block}>\n")
    lines.append("    </beneficiario>\n")
    return "".join(lines)
