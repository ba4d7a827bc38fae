"""The lists of people, reviews, plans and parties as files: the querysets of their pages, row by row."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from beneficiaries.domain.identifiers import told_cns, told_cpf
from beneficiaries.forms.reviews import DecidedForm
from beneficiaries.forms.search import recall_of
from beneficiaries.models import Administrator, Company, Contract, ImportRun, PendingReason, Person, Plan
from beneficiaries.queries.review_queue import NAMES, ReviewFilter, waiting_for
from beneficiaries.templatetags.people import reason_sentence
from beneficiaries.views.people import FILTERS, chosen_order, people_found, with_numbers
from beneficiaries.views.people_columns import KEY as COLUMNS_KEY
from beneficiaries.views.people_columns import chosen_columns
from beneficiaries.views.reference_data import (
    ADMINISTRATORS,
    COMPANIES,
    CONTRACTS,
    PLANS,
    ReferenceType,
    found,
    with_counts,
)
from beneficiaries.views.reviews import LATEST_FIRST, decided
from operators.permissions import Permission
from operators.queries.chunks import CHUNK_SIZE
from operators.registry import CannotExport, ExportRequest, ListExport
from operators.views.pagination import NEWEST_FIRST, counted

SEARCH = "busca"
EXPIRED = "A busca desta lista expirou. Procure de novo na página e exporte de lá."


def searched(asked: ExportRequest) -> str:
    """What the list was narrowed to by words; without them it would be everybody."""
    token = asked.query.get(SEARCH, "")
    words = recall_of(asked.reader_id, token) if token else ""
    if token and not words:
        raise CannotExport(EXPIRED)
    return words


def _people(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    columns = chosen_columns(asked.query)
    people = chosen_order(asked.query).sort(people_found(searched(asked), asked.query))
    for person in with_numbers(people).iterator(CHUNK_SIZE):
        number, state = _number(person)
        yield (
            person.name,
            person.social_name,
            person.birth_date,
            told_cpf(person.cpf, in_full=asked.in_full),
            told_cns(number, in_full=asked.in_full),
            state,
            *(_cell(column.values(person)) for column in columns),
        )


def _cell(values: Sequence[object]) -> object:
    """A moment as it is, so that a spreadsheet can sort it."""
    return values[0] if len(values) == 1 and not isinstance(values[0], str) else "; ".join(map(str, values))


def _number(person: Person) -> tuple[str, str]:
    """The current one and how sure it is, or why there is none."""
    for current in person.current_numbers:  # type: ignore[attr-defined]
        return current.number, "verificado" if current.verified else "não verificado"
    return "", PendingReason(person.pending).chip  # type: ignore[attr-defined]


def _waiting(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for case in waiting_for(asked.reader_id, ReviewFilter.of(asked.query)).iterator():
        person = case.person
        yield (
            person.name,
            person.social_name,
            told_cpf(person.cpf, in_full=asked.in_full),
            told_cns(case.number, in_full=asked.in_full),
            case.get_source_display(),
            case.tier,
            reason_sentence(case.reason),
            case.opened_at,
        )


def _decided(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for case in LATEST_FIRST.sort(decided(DecidedForm(asked.query))).iterator():
        yield (
            case.person.name,
            case.person.social_name,
            told_cns(case.number, in_full=asked.in_full),
            case.get_source_display(),
            case.get_status_display(),
            case.decided_at,
            case.decided_by or "sistema",
            case.get_decision_reason_display(),
            case.note,
        )


def _plan(plan: Plan) -> tuple[object, ...]:
    return (
        plan.name,
        ", ".join(plan.missing),
        plan.number,
        plan.get_segmentation_display(),
        plan.get_regulation_display(),
    )


def _contract(contract: Contract) -> tuple[object, ...]:
    return (
        contract.number,
        ", ".join(contract.missing),
        contract.get_kind_display(),
        "sim" if contract.sole_trader else "",
        contract.company,
        contract.administrator,
    )


def _party(party: Company | Administrator) -> tuple[object, ...]:
    return party.legal_name, ", ".join(party.missing), party.trade_name, party.document


def _imports(_asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for run in NEWEST_FIRST.sort(ImportRun.objects.select_related("requested_by")).iterator():
        figures = (run.figures.get(name, 0) for name in ("created", "updated", "rejected"))
        yield run.name, run.stage, *figures, run.queued_at, run.requested_by or "sistema", run.failure


_LACKING = "Falta para o cartão"
_PARTY = ("Razão social", _LACKING, "Nome fantasia", "Número", "Contratos")
_REFERENCES: tuple[tuple[ReferenceType, tuple[str, ...], Callable[[Any], tuple[object, ...]]], ...] = (
    (PLANS, ("Plano", _LACKING, "Número", "Segmentação", "Regulamentação", "Vínculos"), _plan),
    (
        CONTRACTS,
        (
            "Contrato",
            _LACKING,
            "Contratação",
            "Empresário individual",
            "Empresa contratante",
            "Administradora",
            "Vínculos",
        ),
        _contract,
    ),
    (COMPANIES, _PARTY, _party),
    (ADMINISTRATORS, _PARTY, _party),
)


def _reference_export(
    reference_type: ReferenceType, columns: tuple[str, ...], cells: Callable[[Any], tuple[object, ...]]
) -> ListExport:
    def rows(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
        for each in with_counts(reference_type, found(reference_type, asked.query)).iterator():
            yield *cells(each), each.hanging

    return ListExport(
        name=reference_type.name,
        label=reference_type.title,
        permission=Permission.VIEW_PEOPLE,
        page=f"beneficiaries:{reference_type.name}_list",
        columns=columns,
        rows=rows,
        filters=("cartao",),
        searches=("q",),
        has_numbers=False,
    )


LIST_EXPORTS = (
    ListExport(
        name="people",
        label="Pessoas",
        permission=Permission.VIEW_PEOPLE,
        page="beneficiaries:people",
        columns=("Nome", "Nome social", "Nascimento", "CPF", "CNS", "Situação do CNS"),
        more_columns=lambda asked: tuple(column.label for column in chosen_columns(asked.query)),
        rows=_people,
        count=lambda asked: counted(people_found("", asked.query)),
        filters=(*FILTERS, "ordem", COLUMNS_KEY),
        searches=(SEARCH,),
    ),
    ListExport(
        name="reviews",
        label="Revisões",
        permission=Permission.REVIEW_CNS,
        page="beneficiaries:reviews",
        columns=("Nome", "Nome social", "CPF", "CNS em dúvida", "Origem", "Nível", "Motivo", "Desde"),
        rows=_waiting,
        filters=tuple(NAMES.values()),
    ),
    ListExport(
        name="decided_reviews",
        label="Casos decididos",
        permission=Permission.REVIEW_CNS,
        page="beneficiaries:reviews_decided",
        columns=("Nome", "Nome social", "CNS", "Origem", "Decisão", "Quando", "Quem", "Motivo", "Observação"),
        rows=_decided,
        filters=("decisao", "quem", "de", "ate"),
    ),
    ListExport(
        name="imports",
        label="Importações",
        permission=Permission.EDIT_PEOPLE,
        page="beneficiaries:imports",
        columns=("Planilha", "Etapa", "Novos", "Alterados", "Com erro", "Enviada", "Quem enviou", "Falha"),
        rows=_imports,
        has_numbers=False,
    ),
    *(_reference_export(*each) for each in _REFERENCES),
)
