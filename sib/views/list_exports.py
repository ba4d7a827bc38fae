"""The lists of movements, rejections and of what ANS holds as files."""

from collections.abc import Iterable, Iterator

from beneficiaries.domain.identifiers import told_cns, told_cpf
from beneficiaries.views.list_exports import SEARCH, searched
from cnsportal.formats.text import key_of
from operators.permissions import Permission
from operators.queries.chunks import CHUNK_SIZE, in_chunks
from operators.registry import ExportRequest, ListExport
from sib.models import ConferenceFile, MirrorRecord, Movement, MovementType
from sib.models.answers import RECORD_TYPES
from sib.queries.criticas import explained
from sib.queries.differences import listed, outcomes_of
from sib.queries.labels import field_label
from sib.queries.mirror import FieldPair, compare_fields, describe_changes, links_of
from sib.services.conferences.receipt import COLUMNS, named_at_ans, receipt_row
from sib.views.mirror import found_changes, found_records
from sib.views.movements import found_movements, records_of
from sib.views.results import found_rejections

CONFERENCE = "conferencia"


def _movements(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for chunk in in_chunks(found_movements(asked.query).order_by("-pk")):
        theirs = records_of(chunk)
        for movement in chunk:
            record = theirs.get(movement.cco)
            yield (
                *_whose(movement, record),
                movement.get_type_display(),
                _told(movement, compare_fields(movement.fields, record, in_full=asked.in_full)),
                movement.get_state_display(),
                "; ".join(map(_problem, movement.problems)),
                movement.created_at,
            )


def _whose(movement: Movement, record: MirrorRecord | None) -> tuple[str, str, str]:
    name = movement.person.name if movement.person else record.nome if record else ""
    return name, movement.cco, movement.code


def _told(movement: Movement, fields: list[FieldPair]) -> str:
    """What it says to ANS: of an inclusion the whole link, so the fields are counted as on the page."""

    def is_changed(field: FieldPair) -> bool:
        return bool(movement.cco and field.theirs and field.theirs != field.ours)

    if movement.type == MovementType.INCLUSION:
        return f"vínculo inteiro, {len(fields)} campos"
    return "; ".join(
        f"{field.label}: {field.theirs} → {field.ours}" if is_changed(field) else f"{field.label}: {field.ours}"
        for field in fields
    )


def _problem(problem: dict[str, str]) -> str:
    field = f"{field_label(problem['field'])}: " if problem.get("field") else ""
    return f"{field}{problem['sentence']} {problem['mend']}".strip()


def _rejections(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for chunk in in_chunks(found_rejections(asked.query).order_by("-pk")):
        for each in explained(chunk):
            rejection = each.rejection
            yield (
                rejection.person.name if rejection.person else "",
                rejection.cco,
                rejection.code,
                RECORD_TYPES.get(rejection.type, ""),
                each.field,
                each.value,
                rejection.error_code,
                rejection.message,
                each.explanation.next_step,
                "resolvida" if rejection.resolved_at else "pendente",
                rejection.rpx.received_at,
            )


def _records(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for chunk in in_chunks(found_records(searched(asked)).order_by("cco")):
        links = links_of(chunk)
        for record in chunk:
            link = links.get(record.cco)
            yield (
                record.cco,
                record.nome,
                told_cpf(record.cpf, in_full=asked.in_full),
                told_cns(record.cns, in_full=asked.in_full),
                "ativo" if record.is_active else "inativo",
                link.person.name if link else "só na ANS",
            )


def _changes(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    file, rows = found_changes(asked.query)
    if file is None:
        return
    for chunk in in_chunks(rows.order_by("pk")):
        for change in describe_changes(chunk, in_full=asked.in_full):
            yield change.name, change.row.cco, change.row.get_kind_display(), _fields(change.fields)


def _fields(fields: Iterable[tuple[str, str, str]]) -> str:
    return "; ".join(f"{label}: {before or 'vazio'} → {after or 'vazio'}" for label, before, after in fields)


def _differences(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    """As the receipt tells them, and as the page narrows and orders them."""
    key, outcome, group = (asked.query.get(key, "") for key in (CONFERENCE, "resultado", "grupo"))
    file, words, after = ConferenceFile.objects.filter(pk=key_of(key) or 0).first(), searched(asked), None
    outcomes = outcomes_of(file, outcome=outcome, group=group) if file else []
    while file:
        chunk, after = listed(file, outcomes, CHUNK_SIZE, after=after, text=words)
        names = named_at_ans(file, chunk)
        for difference in chunk:
            yield receipt_row(difference, names, in_full=asked.in_full)
        if after is None:
            return


LIST_EXPORTS = (
    ListExport(
        name="differences",
        label="Diferenças da conferência",
        permission=Permission.VIEW_IMPORTS,
        page="sib:conference",
        columns=COLUMNS,
        rows=_differences,
        filters=("resultado", "grupo"),
        searches=(SEARCH,),
        page_key=CONFERENCE,
    ),
    ListExport(
        name="movements",
        label="Movimentações",
        permission=Permission.VIEW_IMPORTS,
        page="sib:movements",
        columns=(
            "Nome", "CCO", "Código", "Movimentação", "O que diz à ANS", "Situação", "O que falta", "Levantada em",
        ),
        rows=_movements,
        filters=("situacao", "tipo"),
    ),
    ListExport(
        name="rejections",
        label="Recusas da ANS",
        permission=Permission.VIEW_IMPORTS,
        page="sib:rejections",
        columns=(
            "Nome", "CCO", "Código", "Movimentação", "Campo", "Enviado", "Código do erro", "Mensagem da ANS",
            "O que fazer", "Situação", "Resultado de",
        ),
        rows=_rejections,
        filters=("ver", "campo", "erro"),
        has_numbers=False,
    ),
    ListExport(
        name="mirror",
        label="O que a ANS tem",
        permission=Permission.VIEW_IMPORTS,
        page="sib:mirror",
        columns=("CCO", "Nome na ANS", "CPF", "CNS", "Situação", "No cadastro"),
        rows=_records,
        searches=(SEARCH,),
    ),
    ListExport(
        name="mirror_changes",
        label="O que a ANS mudou",
        permission=Permission.VIEW_IMPORTS,
        page="sib:mirror_changes",
        columns=("Nome", "CCO", "Mudança", "Campos"),
        rows=_changes,
        filters=(CONFERENCE, "tipo"),
    ),
)  # fmt: skip
