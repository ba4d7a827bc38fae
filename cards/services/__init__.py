"""Writes of the cards."""

from cards.services.batches import process_batch, start_batch
from cards.services.issuing import Issuance, card_pdf, issue_cards, preview, void_card
from cards.services.logos import logos_of

__all__ = ["Issuance", "card_pdf", "issue_cards", "logos_of", "preview", "process_batch", "start_batch", "void_card"]
