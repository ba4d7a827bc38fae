"""The list of cards as a file."""

from collections.abc import Iterator
from typing import Any

from beneficiaries.models.links import BeneficiaryQuerySet
from cards.forms.batches import ScopeForm
from cards.queries.filters import in_state, narrowed
from cards.views.cards import with_blockers, with_cards
from operators.permissions import Permission
from operators.queries.chunks import in_chunks
from operators.registry import ExportRequest, ListExport
from operators.views.pagination import counted


def _cards(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for chunk in in_chunks(with_cards(_found(asked)).order_by("-pk")):
        for link, blocker in with_blockers(chunk, asked.query.get("situacao", "")):
            may_be_issued = blocker.label if blocker else "pode ser emitido"
            yield link.person.name, link.person.social_name, str(link.plan), link.code, *_current(link), may_be_issued


def _found(asked: ExportRequest) -> BeneficiaryQuerySet:
    form = ScopeForm(asked.query)
    form.is_valid()
    return narrowed(in_state(asked.query.get("situacao", "")), form.cleaned_data)


def _current(link: Any) -> tuple[object, ...]:
    """Issue number, state and since when, or blanks."""
    for card in link.current_cards:
        return f"{card.via}ª via", card.get_status_display(), card.status_at
    return "", "", ""


cards_export = ListExport(
    name="cards",
    label="Cartões",
    permission=Permission.VIEW_CARDS,
    page="cards:cards",
    columns=("Nome", "Nome social", "Plano", "Código", "Cartão atual", "Situação do cartão", "Desde", "Novo cartão"),
    rows=_cards,
    count=lambda asked: counted(_found(asked)),
    filters=("situacao", "plano", "contrato", "uf", "municipio"),
    searches=("empresa",),
    has_numbers=False,
)
