"""Writes to the registry."""

from beneficiaries.services.attachment import Attachment, WantedCns, attach_cns, note_pending

__all__ = ["Attachment", "WantedCns", "attach_cns", "note_pending"]
