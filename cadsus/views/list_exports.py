"""The queue of questions to DATASUS as a file."""

from collections.abc import Iterator

from cadsus.views.lookups import FILTERS, STATE, found
from operators.permissions import Permission
from operators.registry import ExportRequest, ListExport


def _lookups(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for lookup in found(asked.query).order_by("-pk").iterator():
        yield (
            lookup.person.name,
            lookup.person.social_name,
            lookup.get_status_display(),
            lookup.next_attempt_at,
            lookup.get_outcome_display(),
            "sim" if lookup.attached else "",
            lookup.tier,
            lookup.failure,
            lookup.queued_at,
            lookup.requested_by or "sistema",
            lookup.get_reason_display(),
        )


lookups_export = ListExport(
    name="lookups",
    label="Consultas",
    permission=Permission.VIEW_PEOPLE,
    page="cadsus:lookups",
    columns=(
        "Nome", "Nome social", "Situação", "Nova tentativa", "Resultado", "CNS vinculado", "Nível", "Falha", "Pedida",
        "Por quem", "Motivo",
    ),
    rows=_lookups,
    filters=(STATE, *FILTERS),
    has_numbers=False,
)  # fmt: skip
