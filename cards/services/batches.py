"""Batches: cards issued and printed together in the background."""

from collections.abc import Collection, Iterator

from django.core.files.base import ContentFile
from django.db import transaction

from beneficiaries.models import Beneficiary
from cards.models import BatchItem, Card, CardBatch
from cards.rendering import join_pdf, render_parts
from cards.services.issuing import issue_cards
from cards.services.logos import logos_of
from cnsportal.runs import Status
from operators.context import current_operator_id
from operators.models import User

STEP = 200
"""Links between two beats of a batch's heart; a few seconds of work."""


@transaction.atomic
def start_batch(beneficiary_ids: Collection[int], *, actor: User | None = None) -> CardBatch:
    """Ask for the cards of these links; a worker issues them and makes one PDF of the new ones."""
    operator_id = current_operator_id()
    links = list(Beneficiary.objects.filter(pk__in=beneficiary_ids).order_by("pk").values_list("pk", flat=True))
    batch = CardBatch.objects.create(operator_id=operator_id, requested_by=actor, total=len(links))
    items = (BatchItem(operator_id=operator_id, batch=batch, beneficiary_id=pk) for pk in links)
    BatchItem.objects.bulk_create(items, batch_size=5000)
    batch.enqueue()
    return batch


def process_batch(batch_id: int) -> None:
    """Issue what is still to be issued, print everything. Started again, it keeps the cards that were issued."""
    attempt = CardBatch.objects.claim(batch_id)
    if attempt is None:
        return
    batch = CardBatch.objects.get(pk=batch_id)
    parts: list[bytes] = []
    done = 0
    for items in _steps(batch):
        faces = [card.face for card in _settle(items, batch.requested_by)]
        parts += render_parts(faces, logos_of(faces))
        done += len(items)
        if not CardBatch.objects.beat(batch_id, attempt, done=done):
            return
    _finish(batch, attempt, parts)


def _steps(batch: CardBatch) -> Iterator[list[BatchItem]]:
    last = 0
    while items := list(batch.items.filter(pk__gt=last).select_related("card").order_by("pk")[:STEP]):
        yield items
        last = items[-1].pk


@transaction.atomic
def _settle(items: list[BatchItem], actor: User | None) -> list[Card]:
    """Give each item its outcome, unless an earlier attempt did; the cards of those that have one."""
    open_items = [item for item in items if item.card is None and not item.refusal]
    issuance = issue_cards([item.beneficiary_id for item in open_items], actor=actor)
    cards = {card.beneficiary_id: card for card in issuance.cards}
    for item in open_items:
        item.card = cards.get(item.beneficiary_id)
        item.refusal = issuance.refused.get(item.beneficiary_id, "")
    BatchItem.objects.bulk_update(open_items, ["card", "refusal"])
    return [item.card for item in items if item.card]


def _finish(batch: CardBatch, attempt: int, parts: list[bytes]) -> None:
    if parts:
        batch.file.delete(save=False)
        batch.file.save("", ContentFile(join_pdf(parts)), save=False)
        CardBatch.objects.filter(pk=batch.pk).update(file=batch.file.name)
    CardBatch.objects.settle(batch.pk, attempt, Status.DONE)
