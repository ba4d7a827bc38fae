"""Writes an update file (SBX) for ANS: elements in the order of the schema, hash, name.

Facts: docs/reference/sib.md §3, §8.1.

Pure. A movement's fields are texts by their names in the schema, prepared by ``as_sent``; domain.sbx_rules says before
whether they may be sent.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from beneficiaries.domain.names import APOSTROPHES, composed
from beneficiaries.domain.placeholders import is_placeholder
from sib.formats.address_lines import MAX_FIELD_CHARACTERS, shorten_address
from sib.formats.cnx.writer import ANS_CNPJ, Heading
from sib.formats.xml_writer import DECLARATIONS, SibXmlWriter

MAX_MOVEMENTS = 100_000  # movements of one file; more are refused whole (code 21)
PROGRAM, VERSION, MAKER = "Portal CNS", "1.0", "Portal CNS"

INCLUSION, RECTIFICATION, CONTRACT_CHANGE, CANCELLATION, REACTIVATION = "1", "2", "3", "4", "5"
ELEMENTS = {
    INCLUSION: "inclusao",
    RECTIFICATION: "retificacao",
    CONTRACT_CHANGE: "mudancaContratual",
    CANCELLATION: "cancelamento",
    REACTIVATION: "reativacao",
}
"""By codigoTipoMovimento, in the order in which ANS wants them."""

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "identificacao": ("cpf", "dn", "pisPasep", "cns", "nome", "sexo", "dataNascimento", "nomeMae"),
    "endereco": (
        "logradouro", "numero", "complemento", "bairro", "codigoMunicipio", "codigoMunicipioResidencia", "cep",
        "tipoEndereco", "resideExterior",
    ),
    "vinculo": (
        "codigoBeneficiario", "relacaoDependencia", "codigoBeneficiarioTitular", "dataContratacao", "dataReativacao",
        "dataCancelamento", "motivoCancelamento", "numeroPlanoANS", "numeroPlanoPortabilidade", "numeroPlanoOperadora",
        "coberturaParcialTemporaria", "itensExcluidosCobertura", "cnpjEmpresaContratante", "ceiEmpresaContratante",
        "caepfEmpresaContratante",
    ),
}  # fmt: skip
FLAT: Mapping[str, tuple[str, ...]] = {
    CONTRACT_CHANGE: (
        "relacaoDependencia", "codigoBeneficiarioTitular", "dataContratacao", "numeroPlanoANS",
        "numeroPlanoPortabilidade", "numeroPlanoOperadora", "coberturaParcialTemporaria", "itensExcluidosCobertura",
        "cnpjEmpresaContratante", "ceiEmpresaContratante", "caepfEmpresaContratante",
    ),
    CANCELLATION: ("dataCancelamento", "motivoCancelamento"),
    REACTIVATION: ("dataReativacao",),
}  # fmt: skip
NAMES = ("nome", "nomeMae")
ADDRESS = tuple(MAX_FIELD_CHARACTERS)
ACCENTED = "ÁÀÂÃÄÉÈÊËÍÓÔÕÖÚÜÇÑáàâãäéèêëíóôõöúüçñ"
"""Letters with accents that the schema takes in a name."""
_PLAIN = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | {"–": "-", "—": "-", "“": '"', "”": '"'})


class MovementFields(NamedTuple):
    """One movement as it goes into a file."""

    type: str
    cco: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WriteSummary:
    count: int
    sib_hash: str


def file_name(registration: str, moment: datetime) -> str:
    """``XXXXXXAAAAMMDDHHmmSS.SBX``; any other name is refused (code 26)."""
    return f"{registration}{moment:%Y%m%d%H%M%S}.SBX"


def as_sent(field: str, text: str, *, keep_accents: bool = False) -> str:
    """A value of the registry as the SIB takes it: names and addresses in capitals, by default without accents."""
    text = " ".join(composed(text).split())
    if field not in (*NAMES, *ADDRESS):
        return text
    if field in NAMES and is_placeholder(text):
        return ""
    text = text.translate(_PLAIN)
    text = _unaccented(text, keep=ACCENTED if keep_accents else "").upper()
    if field not in NAMES:
        return shorten_address(field, " ".join(text.split()))
    return " ".join(re.sub(r"[^\w' ]|[\d_]", " ", text.replace(".", "")).split())


def left_out(texts: Mapping[str, str]) -> list[str]:
    """The fields of an address that the registry has and that are too long for the SIB."""
    return [field for field in ADDRESS if texts.get(field) and not as_sent(field, texts[field])]


def _unaccented(text: str, *, keep: str = "") -> str:
    """In plain letters, but for those to keep."""
    return "".join(
        letter if letter in keep else _plain_letters(letter) for letter in unicodedata.normalize("NFC", text)
    )


def _plain_letters(letter: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))


def write_sbx(stream: BinaryIO, heading: Heading, movements: Iterable[MovementFields]) -> WriteSummary:
    """Movements in the order in which they come, which is the caller's to keep (``ELEMENTS``)."""
    xml, count = SibXmlWriter(stream), 0
    with xml.element("mensagemSIB", DECLARATIONS):
        _write_heading(xml, heading)
        with xml.element("mensagem"), xml.element("operadoraParaANS"), xml.element("beneficiarios"):
            for count, movement in enumerate(movements, 1):  # noqa: B007  (the last one is the answer)
                _write_movement(xml, movement)
        sib_hash = _write_end(xml)
    return WriteSummary(count, sib_hash)


def write_none(stream: BinaryIO, heading: Heading, reason: str) -> WriteSummary:
    """A month without movements: ``reason`` 62 where nothing changed, 61 where there are no beneficiaries."""
    xml = SibXmlWriter(stream)
    with xml.element("mensagemSIB", DECLARATIONS):
        _write_heading(xml, heading)
        with xml.element("mensagem"), xml.element("operadoraParaANS"), xml.element("naoEnvioBeneficiarios"):
            xml.text("motivoNaoEnvioBeneficiarios", reason)
        sib_hash = _write_end(xml)
    return WriteSummary(0, sib_hash)


def _write_heading(xml: SibXmlWriter, heading: Heading) -> None:
    with xml.element("cabecalho"):
        with xml.element("identificacaoTransacao"):
            xml.text("tipoTransacao", "Atualizacao SIB")
            xml.text("sequencialTransacao", str(heading.sequence))
            xml.text("dataHoraRegistroTransacao", heading.created_at)
        with xml.element("origem"):
            xml.text("registroANS", heading.registration)
        with xml.element("destino"):
            xml.text("cnpj", ANS_CNPJ)
        xml.text("versaoPadrao", "1.1")
        with xml.element("identificacaoSoftwareGerador"):
            xml.text("nomeAplicativo", PROGRAM)
            xml.text("versaoAplicativo", VERSION)
            xml.text("fabricanteAplicativo", MAKER)


def _write_movement(xml: SibXmlWriter, movement: MovementFields) -> None:
    with xml.element(ELEMENTS[movement.type]):
        if movement.type != INCLUSION:
            xml.text("cco", movement.cco)
        if movement.type in FLAT:
            _write_fields(xml, FLAT[movement.type], movement.fields)
            return
        for block, names in BLOCKS.items():
            _write_block(xml, block, [name for name in names if movement.fields.get(name)], movement.fields)
        _write_fields(xml, ("codigoProcedimentoAdministrativo",), movement.fields)


def _write_block(xml: SibXmlWriter, block: str, names: list[str], fields: Mapping[str, str]) -> None:
    """The schema wants the block even where nothing is in it."""
    if not names:
        xml.empty(block)
        return
    with xml.element(block):
        _write_fields(xml, names, fields)


def _write_fields(xml: SibXmlWriter, names: Iterable[str], fields: Mapping[str, str]) -> None:
    for name in names:
        if text := fields.get(name):
            xml.text(name, text)


def _write_end(xml: SibXmlWriter) -> str:
    sib_hash = xml.document.hexdigest()
    with xml.element("epilogo"):
        xml.text("hash", sib_hash)
    return sib_hash
