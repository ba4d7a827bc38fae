from cards.models.batches import BatchItem, CardBatch, Kind, Product
from cards.models.cards import Card, CardStatus, IssueReason, verification_code
from cards.models.events import CardEvent, CardEventKind, IssueKey
from cards.models.links import CardLink, Validity
from cards.models.webhooks import Delivery, Webhook

__all__ = [
    "BatchItem",
    "Card",
    "CardBatch",
    "CardEvent",
    "CardEventKind",
    "CardLink",
    "CardStatus",
    "Delivery",
    "IssueKey",
    "IssueReason",
    "Kind",
    "Product",
    "Validity",
    "Webhook",
    "verification_code",
]
