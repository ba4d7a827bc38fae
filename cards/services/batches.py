"""Batches: cards issued or reprinted together by a background job; cancelled, retried, deleted after a while."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from beneficiaries.models import Beneficiary
from cards.domain.lifecycle import CURRENT
from cards.models import BatchItem, CardBatch, Kind, Product
from cards.render import batch_outputs
from cards.render.documents import Logos
from cards.render.worker import Group
from cards.services.issue import issue_cards, rehearse_cards
from cards.services.logos import logos_named
from cnsportal.jobs import JobLost, Status
from cnsportal.web.environment_badge import stamp
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

STEP_CARDS = 500
"""Links between two heartbeats of a batch; a second or two of work."""

ITEMS_PER_STATEMENT = 5000  # items in one statement
UNKNOWN_CODE = "Nenhum vínculo tem este código: confira-o no cadastro."
NOT_CURRENT = "Esta via já não é a atual: emita a nova em vez de reimprimir."
DELIVERY_ORDER = ("contract__company__legal_name", "person__name_key", "pk")
"""As cards are handed out: by company, then by name."""


def start_batch(beneficiary_ids: Collection[int], **wanted: Any) -> CardBatch:
    """As ``start_batch_of`` the links of these keys."""
    return start_batch_of(Beneficiary.objects.filter(pk__in=beneficiary_ids), **wanted)


@dataclass(frozen=True, slots=True)
class Order:
    """What a batch is to do and to make; ``scope`` says in words for whom, without a person in them."""

    kind: str = Kind.ISSUE
    product: str = Product.CARDS
    options: batch_outputs.Options = field(default_factory=batch_outputs.Options)
    scope: str = ""

    @classmethod
    def of(cls, batch: CardBatch, kind: str) -> "Order":
        """As the batch was ordered."""
        return cls(kind, batch.product, batch_outputs.options_of(batch.options), batch.scope)


@transaction.atomic
def start_batch_of(
    links: QuerySet[Beneficiary],
    *,
    actor: User | None = None,
    order: Order | None = None,
    unknown: Collection[str] = (),
    former: CardBatch | None = None,
) -> CardBatch:
    """Ask for the cards of these links; a worker issues them and makes one file of the new ones.

    A rehearsal issues nothing and makes no file. ``unknown`` are codes of a list that no link has: refused at once.
    """
    batch = _created(order or Order(), actor, former)
    ids = links.order_by(*DELIVERY_ORDER).values_list("pk", flat=True)
    found = (_item(batch, beneficiary_id=pk) for pk in ids.iterator(ITEMS_PER_STATEMENT))
    strangers = (_item(batch, asked=code[:30], refusal=UNKNOWN_CODE) for code in unknown)
    return _sent(batch, chain(found, strangers))


@transaction.atomic
def reprint_batch(batch: CardBatch, *, reason: str, actor: User | None = None, order: Order | None = None) -> CardBatch:
    """The batch's cards once more, as they are and in their order; a via that ended meanwhile is refused."""
    later = _created(order or Order.of(batch, Kind.REPRINT), actor, batch, reason=reason)
    rows = batch.items.filter(card__isnull=False).order_by("pk").values_list("beneficiary", "card", "card__status")
    again = (_reprinted(later, *row) for row in rows.iterator(ITEMS_PER_STATEMENT))
    return _sent(later, again)


def _reprinted(batch: CardBatch, link_id: int, card_id: int, status: str) -> BatchItem:
    outcome: dict[str, Any] = {"card_id": card_id} if status in CURRENT else {"refusal": NOT_CURRENT}
    return _item(batch, beneficiary_id=link_id, **outcome)


def retry_batch(batch: CardBatch, *, actor: User | None = None) -> CardBatch:
    """A batch of those that got no card in this one; of a rehearsal, of those that would get one, in earnest."""
    links = Beneficiary.objects.filter(pk__in=failures(batch).values("beneficiary"))
    return start_batch_of(links, actor=actor, order=Order.of(batch, Kind.ISSUE), former=batch)


def failures(batch: CardBatch) -> QuerySet[BatchItem]:
    """Links that a further try may still give a card."""
    items = batch.items.filter(beneficiary__isnull=False, card__isnull=True)
    return items.filter(refusal="") if batch.is_rehearsal else items


@transaction.atomic
def cancel_batch(batch: CardBatch, *, actor: User | None = None) -> bool:
    """Stop it after the step it is in; what was issued stays issued. False when it was over."""
    if not CardBatch.objects.cancel(batch.pk):
        return False
    _record(batch, EventKind.CARD_BATCH_CANCELLED, actor)
    return True


@transaction.atomic
def open_batch_file(batch: CardBatch, *, actor: User | None = None) -> "File[bytes]":
    """The batch's file for reading; that it left the portal is on record."""
    _record(batch, EventKind.CARD_BATCH_DOWNLOADED, actor, product=batch.product)
    return batch.file.open("rb")


def delete_expired() -> int:
    """Files that were kept long enough are deleted: they hold personal data. How many there were."""
    expired = list(CardBatch.objects.expired())
    for batch in expired:
        with transaction.atomic():
            CardBatch.objects.filter(pk=batch.pk).update(file="")
            _record(batch, EventKind.CARD_BATCH_DELETED, None)
        batch.file.delete(save=False)
    return len(expired)


def process_batch(batch_id: int) -> None:
    """Issue what is still to be issued, print everything. Started again, it keeps the cards that were issued."""
    CardBatch.objects.perform(batch_id, _issue_and_print)


def _issue_and_print(batch: CardBatch) -> Status:
    _print(batch, _settled(batch))
    return Status.DONE


def _created(order: Order, actor: User | None, former: CardBatch | None, **data: str) -> CardBatch:
    batch: CardBatch = CardBatch.objects.create(
        operator_id=current_operator_id(),
        kind=order.kind,
        product=order.product,
        options=order.options.as_json(),
        scope=order.scope,
        requested_by=actor,
        former=former,
    )
    _record(batch, EventKind.CARD_BATCH_STARTED, actor, kind=order.kind, product=order.product, **data)
    return batch


def _item(batch: CardBatch, **fields: Any) -> BatchItem:
    return BatchItem(operator_id=batch.operator_id, batch=batch, **fields)


def _sent(batch: CardBatch, items: Iterable[BatchItem]) -> CardBatch:
    source, total = iter(items), 0
    while written := list(islice(source, ITEMS_PER_STATEMENT)):
        BatchItem.objects.bulk_create(written)
        total += len(written)
    batch.total = total
    batch.save(update_fields=["total"])
    batch.enqueue()
    return batch


def _settled(batch: CardBatch) -> Iterator[str]:
    """The faces of the batch's cards in its order, each step settled before it is given; raises JobLost."""
    done = 0
    for items in _steps(batch):
        _settle(batch, items)
        yield from (
            batch.items.filter(pk__in=items, card__isnull=False)
            .order_by("pk")
            .values_list(Cast("card__face_data", TextField()), flat=True)
        )
        done += len(items)
        if not batch.heartbeat(done=done):
            raise JobLost


def _steps(batch: CardBatch) -> Iterator[list[int]]:
    last = 0
    while items := list(batch.items.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:STEP_CARDS]):
        yield items
        last = items[-1]


@transaction.atomic
def _settle(batch: CardBatch, item_ids: Collection[int]) -> None:
    """Give each item its outcome, unless an earlier attempt did."""
    open_items = batch.items.filter(pk__in=item_ids, card=None, refusal="", beneficiary__isnull=False)
    links: dict[int, int] = dict(open_items.values_list("pk", "beneficiary_id"))
    if not links:
        return
    ids = list(links.values())
    objection = partial(batch_outputs.objection, batch.product)
    if batch.is_rehearsal:
        refused, cards = rehearse_cards(ids, objection=objection), {}
    else:
        issuance = issue_cards(ids, actor=batch.requested_by, objection=objection)
        refused, cards = issuance.refused, {card.beneficiary_id: card.pk for card in issuance.cards}
    outcomes = [(item, cards.get(link), refused.get(link, "")) for item, link in links.items()]
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [list(column) for column in zip(*outcomes, strict=True)])


_OUTCOMES = """
    UPDATE cards_batchitem AS item
       SET card_id = outcome.card, refusal = outcome.refusal
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS outcome (id, card, refusal)
     WHERE item.id = outcome.id
"""


def _print(batch: CardBatch, faces: Iterator[str]) -> None:
    """The file takes its place in the storage whole; of a batch without a card there is none."""
    first = next(faces, None)
    if first is None:
        return
    name = f"lote-{batch.pk}.{batch_outputs.SUFFIX[batch.product]}"
    with TemporaryFile() as made:
        options = batch_outputs.options_of(batch.options)
        batch_outputs.write(made, batch.product, options, chain([first], faces), _logos, stamp=stamp())
        made.seek(0)
        batch.file.delete(save=False)
        batch.file.save(name, File(made), save=False)
    until = timezone.now() + timedelta(days=settings.CARD_FILES_DAYS)
    CardBatch.objects.filter(pk=batch.pk).update(file=batch.file.name, file_until=until)


def _logos(group: Group) -> Logos:
    return logos_named(name for face in group for name in _LOGO.findall(face))


_LOGO = re.compile('"logo": "([0-9a-f]{64})"')
"""In the document of a face: no text of it holds a quotation mark that is not escaped."""


def _record(batch: CardBatch, event: EventKind, actor: User | None, **data: str) -> None:
    record([Event(event, "card_batch", batch.pk, actor=actor, data=data)])
