"""Writes to the registry."""

from beneficiaries.services.attachment import Attachment, WantedCns, attach_cns
from beneficiaries.services.pending import note_answers, note_questions

__all__ = ["Attachment", "WantedCns", "attach_cns", "note_answers", "note_questions"]
