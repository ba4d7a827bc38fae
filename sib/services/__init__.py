"""Services of conferences, movements and results."""

from sib.services.conferences.pipeline import apply_conference, process_conference, request_apply
from sib.services.conferences.receive import receive_file, retry_conference

__all__ = ["apply_conference", "process_conference", "receive_file", "request_apply", "retry_conference"]
