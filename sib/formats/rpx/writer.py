"""Writes a result (RPX) as ANS does: ISO-8859-1, elements in the order of the schema, valid hash."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO

from sib.formats.cnx.writer import ANS_CNPJ, Heading
from sib.formats.rpx.reader import Included, Rejected, RejectedFile
from sib.formats.xml_writer import DECLARATIONS, SibXmlWriter

TYPES = {
    "1": ("Inclusao", "INCLUSÃO"),
    "2": ("Retificacao", "RETIFICAÇÃO"),
    "3": ("MudancaContratual", "MUDANÇA CONTRATUAL"),
    "5": ("Reativacao", "REATIVAÇÃO"),
    "4": ("Cancelamento", "CANCELAMENTO"),
    "6": ("SemMovimentacao", "SEM MOVIMENTAÇÃO"),
}
"""By codigoTipoMovimento, in the order of the schema's summary."""


@dataclass(frozen=True, slots=True)
class RpxContent:
    """What ANS says of one SBX; ``sent`` is how many movements of each type it had."""

    sbx_name: str
    protocol: str
    sent: Mapping[str, int]
    rejected: Sequence[Rejected] = ()
    included: Sequence[Included] = ()


def write_rpx(stream: BinaryIO, heading: Heading, answer: RpxContent | tuple[str, RejectedFile]) -> None:
    """Write the result: of a processed file, or of one (its name) that was refused whole."""
    xml = SibXmlWriter(stream)
    with xml.element("mensagemSIB", DECLARATIONS):
        _write_heading(xml, heading)
        with xml.element("mensagem"), xml.element("ansParaOperadora"), xml.element("resultadoProcessamento"):
            if isinstance(answer, RpxContent):
                _write_processed(xml, answer)
            else:
                _write_refused(xml, *answer)
        stated = xml.document.hexdigest()
        with xml.element("epilogo"):
            xml.text("hash", stated)


def _write_heading(xml: SibXmlWriter, heading: Heading) -> None:
    with xml.element("cabecalho"):
        with xml.element("identificacaoTransacao"):
            xml.text("tipoTransacao", "RESULTADO DO PROCESSAMENTO")
            xml.text("sequencialTransacao", str(heading.sequence))
            xml.text("dataHoraRegistroTransacao", heading.created_at)
        with xml.element("origem"):
            xml.text("cnpj", ANS_CNPJ)
        with xml.element("destino"):
            xml.text("registroANS", heading.registration)
        xml.text("versaoPadrao", "1.1")
        with xml.element("identificacaoSoftwareGerador"):
            xml.text("nomeAplicativo", "SIB-XML")
            xml.text("versaoAplicativo", "1.1")
            xml.text("fabricanteAplicativo", "ANS")


def _write_refused(xml: SibXmlWriter, sbx_name: str, refusal: RejectedFile) -> None:
    with xml.element("arquivoRejeitado"):
        xml.text("nomeArquivo", sbx_name)
        xml.text("tamanhoArquivo", "0.0")
        xml.text("dataHoraRecebimento", refusal.received_at)
        xml.text("enderecoIPOrigem", "192.0.2.7")
        xml.text("codigoMotivoRejeicao", refusal.code)
        xml.text("motivoRejeicao", refusal.reason)


def _write_processed(xml: SibXmlWriter, answer: RpxContent) -> None:
    with xml.element("arquivoProcessado"):
        with xml.element("protocoloProcessamento"):
            xml.text("numeroProtocolo", answer.protocol)
            xml.text("nomeArquivo", answer.sbx_name)
        if answer.rejected:
            with xml.element("registrosRejeitados"):
                for _, errors in groupby(answer.rejected, attrgetter("record")):
                    _write_rejected(xml, list(errors))
        if answer.included:
            with xml.element("registrosIncluidos"):
                for each in answer.included:
                    _write_included(xml, each)
        _write_summary(xml, answer)


def _write_rejected(xml: SibXmlWriter, errors: Sequence[Rejected]) -> None:
    who = errors[0]
    pairs = [
        ("cco", who.cco),
        ("codigoBeneficiario", who.code),
        ("codigoTipoMovimento", who.movement),
        ("tipoMovimento", TYPES[who.movement][1]),
    ]
    with xml.element("registroRejeitado", [(name, value) for name, value in pairs if value]):
        for _, of_field in groupby(errors, attrgetter("field_code")):
            _write_field(xml, list(of_field))


def _write_field(xml: SibXmlWriter, errors: Sequence[Rejected]) -> None:
    with xml.element("campoErro"):
        xml.text("codigoCampo", errors[0].field_code)
        xml.text("descricaoCampo", errors[0].field_name)
        if errors[0].value:
            xml.text("valorCampo", errors[0].value)
        for each in errors:
            with xml.element("erro"):
                xml.text("codigoErro", each.error_code)
                xml.text("mensagemErro", each.message)


def _write_included(xml: SibXmlWriter, included: Included) -> None:
    with xml.element("registroIncluido", [("codigoBeneficiario", included.code.zfill(30))]):
        xml.text("cco", included.cco)
        xml.text("nomeBeneficiario", included.name)


def _write_summary(xml: SibXmlWriter, answer: RpxContent) -> None:
    rejected = Counter({each.record: each.movement for each in answer.rejected}.values())
    with xml.element("consolidado"):
        if answer.rejected:
            _write_errors(xml, answer.rejected)
        with xml.element("consolidadoProcessamento"):
            for movement, (name, _) in TYPES.items():
                _write_tally(xml, name, answer.sent.get(movement, 0), rejected[movement])
            _write_tally(xml, "Total", sum(answer.sent.values()), rejected.total())


def _write_errors(xml: SibXmlWriter, rejected: Iterable[Rejected]) -> None:
    counts = Counter((each.error_code, each.message) for each in rejected)
    with xml.element("consolidadoErroProcessamento"):
        for (code, message), count in sorted(counts.items()):
            with xml.element("erro"):
                xml.text("codigoErro", code)
                xml.text("mensagemErro", message)
                xml.text("quantidadeOcorrenciaErro", str(count))


def _write_tally(xml: SibXmlWriter, name: str, sent: int, rejected: int) -> None:
    with xml.element(f"consolidado{name}"):
        xml.text("quantidadeRegistros", str(sent))
        xml.text("quantidadeProcessados", str(sent - rejected))
        xml.text("quantidadeRejeitados", str(rejected))
        xml.text("percentualAcerto", f"{100 * (sent - rejected) / sent if sent else 0:.1f}")
