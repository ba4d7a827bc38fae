"""Services of the cards."""

from cards.services.batches import (
    Order,
    cancel_batch,
    delete_expired,
    open_batch_file,
    process_batch,
    reprint_batch,
    retry_batch,
    start_batch,
    start_batch_of,
)
from cards.services.issue import Issuance, issue_cards, preview, rehearse_cards
from cards.services.lifecycle import move_batch, move_card, void_card
from cards.services.logos import logos_of

__all__ = [
    "Issuance",
    "Order",
    "cancel_batch",
    "delete_expired",
    "issue_cards",
    "logos_of",
    "move_batch",
    "move_card",
    "open_batch_file",
    "preview",
    "process_batch",
    "rehearse_cards",
    "reprint_batch",
    "retry_batch",
    "start_batch",
    "start_batch_of",
    "void_card",
]
