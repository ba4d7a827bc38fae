"""Writes to the registry."""

from beneficiaries.services.attach_cns import Attachment, CnsOffer, attach_cns
from beneficiaries.services.pending_facts import note_answers, note_questions

__all__ = ["Attachment", "CnsOffer", "attach_cns", "note_answers", "note_questions"]
