from cards.models.batches import BatchItem, CardBatch
from cards.models.cards import Card, CardStatus, verification_code
from cards.models.links import CardLink, Validity

__all__ = ["BatchItem", "Card", "CardBatch", "CardLink", "CardStatus", "Validity", "verification_code"]
