"""Writes of the DATASUS side: certificates kept, people asked about, answers settled."""

from cadsus.services.asking import ask_cns, try_now
from cadsus.services.checking import Step, check_connection
from cadsus.services.credentials import credential_in_use, receive_credential, rewrap_credentials, seal_credential
from cadsus.services.queue import run_lookup, wake_if_pending, work_queue
from cadsus.services.rechecking import ask_missing, recheck
from cadsus.services.rotation import activate_credential, destroy_key, roll_back

__all__ = [
    "Step",
    "activate_credential",
    "ask_cns",
    "ask_missing",
    "check_connection",
    "credential_in_use",
    "destroy_key",
    "receive_credential",
    "recheck",
    "rewrap_credentials",
    "roll_back",
    "run_lookup",
    "seal_credential",
    "try_now",
    "wake_if_pending",
    "work_queue",
]
