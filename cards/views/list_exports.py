"""The list of cards as a file."""

from collections.abc import Iterator
from typing import Any

from cards.forms.batches import ScopeForm
from cards.queries.filters import in_state, narrowed
from cards.views.cards import with_blockers, with_cards
from operators.permissions import Permission
from operators.queries.chunks import in_chunks
from operators.registry import ExportRequest, ListExport


def _cards(asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    form, state = ScopeForm(asked.query), asked.query.get("situacao", "")
    form.is_valid()
    found = with_cards(narrowed(in_state(state), form.cleaned_data)).order_by("-pk")
    for chunk in in_chunks(found):
        for link, blocker in with_blockers(chunk, state):
            may_be_issued = blocker.label if blocker else "pode ser emitido"
            yield link.person.name, link.person.social_name, str(link.plan), link.code, *_current(link), may_be_issued


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
    filters=("situacao", "plano", "contrato", "uf", "municipio"),
    searches=("empresa",),
    has_numbers=False,
)
