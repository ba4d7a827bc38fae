"""Writes of the DATASUS side: certificates kept, people asked about, answers settled."""

from cadsus.services.asking import ask_cns, try_now
from cadsus.services.checking import Step, check_connection
from cadsus.services.credentials import credential_in_use, rewrap_credentials, seal_credential
from cadsus.services.queue import run_lookup, wake_if_pending, work_queue
from cadsus.services.rechecking import ask_missing, recheck

__all__ = [
    "Step",
    "ask_cns",
    "ask_missing",
    "check_connection",
    "credential_in_use",
    "recheck",
    "rewrap_credentials",
    "run_lookup",
    "seal_credential",
    "try_now",
    "wake_if_pending",
    "work_queue",
]
