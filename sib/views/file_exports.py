"""The lists of what came from ANS and went there as files: conferences, update files, results."""

from collections.abc import Iterator

from operators.permissions import Permission
from operators.registry import ExportRequest, ListExport
from operators.views.pagination import NEWEST_FIRST
from sib.models import ConferenceFile, RpxFile, SbxFile, SbxKind


def _conferences(_asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for file in NEWEST_FIRST.sort(ConferenceFile.objects.all()).iterator():
        yield (
            file.name,
            file.get_step_display(),
            file.get_status_display(),
            file.records,
            file.applied,
            file.received_at,
            file.failure,
        )


def _sbx_files(_asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for file in NEWEST_FIRST.sort(SbxFile.objects.all()).iterator():
        yield (
            file.name,
            file.competence,
            file.get_state_display(),
            file.count if file.kind == SbxKind.MOVEMENTS else "sem movimento",
            file.created_at,
            file.sent_at,
            file.protocol,
        )


def _results(_asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for file in NEWEST_FIRST.sort(RpxFile.objects.select_related("sbx")).iterator():
        yield (
            file.name,
            file.sbx_name,
            file.sbx.competence if file.sbx else None,
            file.get_result_display(),
            file.accepted,
            file.rejected,
            file.received_at,
            file.failure,
        )


FILE_EXPORTS = (
    ListExport(
        name="conferences",
        label="Conferências da ANS",
        permission=Permission.VIEW_IMPORTS,
        page="sib:conferences",
        columns=("Arquivo", "Etapa", "Processamento", "Registros", "CNS gravados", "Recebido", "Falha"),
        rows=_conferences,
        has_numbers=False,
    ),
    ListExport(
        name="sbx_files",
        label="Arquivos SBX",
        permission=Permission.VIEW_IMPORTS,
        page="sib:sbx_files",
        columns=("Arquivo", "Competência", "Situação", "Movimentações", "Composto", "Enviado", "Protocolo"),
        rows=_sbx_files,
        has_numbers=False,
    ),
    ListExport(
        name="results",
        label="Resultados da ANS",
        permission=Permission.VIEW_IMPORTS,
        page="sib:results",
        columns=(*("Arquivo", "Responde a", "Competência", "Resultado", "Aceitas", "Recusadas", "Recebido", "Falha"),),
        rows=_results,
        has_numbers=False,
    ),
)
