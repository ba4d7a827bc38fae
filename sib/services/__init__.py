"""Conference files received, rehearsed and applied."""

from sib.services.conferences.pipeline import apply_conference, process, request_apply
from sib.services.conferences.receive import receive, retry

__all__ = ["apply_conference", "process", "receive", "request_apply", "retry"]
