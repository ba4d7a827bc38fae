from cards.models.batches import BatchItem, CardBatch
from cards.models.cards import Card, CardStatus, verification_code

__all__ = ["BatchItem", "Card", "CardBatch", "CardStatus", "verification_code"]
