"""A result (RPX) written as ANS writes it: ISO-8859-1, elements in the order of the schema, valid hash."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO

from sib.formats.cnx.writer import ANS_CNPJ, Heading
from sib.formats.rpx.reader import Included, Refusal, Rejected
from sib.formats.xml_writer import DECLARATIONS, Paper

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
class Answer:
    """What ANS says of one SBX; ``sent`` is how many movements of each type it had."""

    sbx_name: str
    protocol: str
    sent: Mapping[str, int]
    rejected: Sequence[Rejected] = ()
    included: Sequence[Included] = ()


def write_rpx(stream: BinaryIO, heading: Heading, answer: Answer | tuple[str, Refusal]) -> None:
    """Write the result: of a processed file, or of one (its name) that was refused whole."""
    paper = Paper(stream)
    with paper.inside("mensagemSIB", DECLARATIONS):
        _write_heading(paper, heading)
        with paper.inside("mensagem"), paper.inside("ansParaOperadora"), paper.inside("resultadoProcessamento"):
            if isinstance(answer, Answer):
                _write_processed(paper, answer)
            else:
                _write_refused(paper, *answer)
        stated = paper.document.hexdigest()
        with paper.inside("epilogo"):
            paper.leaf("hash", stated)


def _write_heading(paper: Paper, heading: Heading) -> None:
    with paper.inside("cabecalho"):
        with paper.inside("identificacaoTransacao"):
            paper.leaf("tipoTransacao", "RESULTADO DO PROCESSAMENTO")
            paper.leaf("sequencialTransacao", str(heading.sequence))
            paper.leaf("dataHoraRegistroTransacao", heading.created_at)
        with paper.inside("origem"):
            paper.leaf("cnpj", ANS_CNPJ)
        with paper.inside("destino"):
            paper.leaf("registroANS", heading.registration)
        paper.leaf("versaoPadrao", "1.1")
        with paper.inside("identificacaoSoftwareGerador"):
            paper.leaf("nomeAplicativo", "SIB-XML")
            paper.leaf("versaoAplicativo", "1.1")
            paper.leaf("fabricanteAplicativo", "ANS")


def _write_refused(paper: Paper, sbx_name: str, refusal: Refusal) -> None:
    with paper.inside("arquivoRejeitado"):
        paper.leaf("nomeArquivo", sbx_name)
        paper.leaf("tamanhoArquivo", "0.0")
        paper.leaf("dataHoraRecebimento", refusal.received_at)
        paper.leaf("enderecoIPOrigem", "192.0.2.7")
        paper.leaf("codigoMotivoRejeicao", refusal.code)
        paper.leaf("motivoRejeicao", refusal.reason)


def _write_processed(paper: Paper, answer: Answer) -> None:
    with paper.inside("arquivoProcessado"):
        with paper.inside("protocoloProcessamento"):
            paper.leaf("numeroProtocolo", answer.protocol)
            paper.leaf("nomeArquivo", answer.sbx_name)
        if answer.rejected:
            with paper.inside("registrosRejeitados"):
                for _, errors in groupby(answer.rejected, attrgetter("record")):
                    _write_rejected(paper, list(errors))
        if answer.included:
            with paper.inside("registrosIncluidos"):
                for each in answer.included:
                    _write_included(paper, each)
        _write_summary(paper, answer)


def _write_rejected(paper: Paper, errors: Sequence[Rejected]) -> None:
    who = errors[0]
    pairs = [
        ("cco", who.cco),
        ("codigoBeneficiario", who.code),
        ("codigoTipoMovimento", who.movement),
        ("tipoMovimento", TYPES[who.movement][1]),
    ]
    with paper.inside("registroRejeitado", [(name, value) for name, value in pairs if value]):
        for _, of_field in groupby(errors, attrgetter("field_code")):
            _write_field(paper, list(of_field))


def _write_field(paper: Paper, errors: Sequence[Rejected]) -> None:
    with paper.inside("campoErro"):
        paper.leaf("codigoCampo", errors[0].field_code)
        paper.leaf("descricaoCampo", errors[0].field_name)
        if errors[0].value:
            paper.leaf("valorCampo", errors[0].value)
        for each in errors:
            with paper.inside("erro"):
                paper.leaf("codigoErro", each.error_code)
                paper.leaf("mensagemErro", each.message)


def _write_included(paper: Paper, included: Included) -> None:
    with paper.inside("registroIncluido", [("codigoBeneficiario", included.code.zfill(30))]):
        paper.leaf("cco", included.cco)
        paper.leaf("nomeBeneficiario", included.name)


def _write_summary(paper: Paper, answer: Answer) -> None:
    rejected = Counter({each.record: each.movement for each in answer.rejected}.values())
    with paper.inside("consolidado"):
        if answer.rejected:
            _write_errors(paper, answer.rejected)
        with paper.inside("consolidadoProcessamento"):
            for movement, (name, _) in TYPES.items():
                _write_tally(paper, name, answer.sent.get(movement, 0), rejected[movement])
            _write_tally(paper, "Total", sum(answer.sent.values()), rejected.total())


def _write_errors(paper: Paper, rejected: Iterable[Rejected]) -> None:
    counts = Counter((each.error_code, each.message) for each in rejected)
    with paper.inside("consolidadoErroProcessamento"):
        for (code, message), count in sorted(counts.items()):
            with paper.inside("erro"):
                paper.leaf("codigoErro", code)
                paper.leaf("mensagemErro", message)
                paper.leaf("quantidadeOcorrenciaErro", str(count))


def _write_tally(paper: Paper, name: str, sent: int, rejected: int) -> None:
    with paper.inside(f"consolidado{name}"):
        paper.leaf("quantidadeRegistros", str(sent))
        paper.leaf("quantidadeProcessados", str(sent - rejected))
        paper.leaf("quantidadeRejeitados", str(rejected))
        paper.leaf("percentualAcerto", f"{100 * (sent - rejected) / sent if sent else 0:.1f}")
