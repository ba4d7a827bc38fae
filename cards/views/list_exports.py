"""The lists of cards and of batches as files."""

from collections.abc import Iterator
from typing import Any

from beneficiaries.models.links import BeneficiaryQuerySet
from cards.forms.batches import ScopeForm
from cards.models import CardBatch
from cards.queries.filters import in_state, narrowed
from cards.views.cards import with_blockers, with_cards
from operators.permissions import Permission
from operators.queries.chunks import in_chunks
from operators.registry import ExportRequest, ListExport
from operators.views.pagination import NEWEST_FIRST, counted


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


def _batches(_asked: ExportRequest) -> Iterator[tuple[object, ...]]:
    for batch in NEWEST_FIRST.sort(CardBatch.objects.select_related("requested_by")).iterator():
        yield (
            f"Lote {batch.pk}",
            batch.get_kind_display(),
            batch.scope,
            batch.get_product_display(),
            batch.get_status_display(),
            batch.done,
            batch.total,
            batch.requested_by or "sistema",
            batch.queued_at,
        )


batches_export = ListExport(
    name="batches",
    label="Lotes de cartões",
    permission=Permission.VIEW_CARDS,
    page="cards:batches",
    columns=("Lote", "Tipo", "Pedido", "Saída", "Situação", "Feitos", "De quantos", "Quem pediu", "Quando"),
    rows=_batches,
    has_numbers=False,
)
