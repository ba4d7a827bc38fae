"""Writes of the DATASUS side: certificates kept, people asked about, answers settled."""

from cadsus.services.asking import ask_cns, try_now
from cadsus.services.checking import check_connection, check_credential, run_check, start_check
from cadsus.services.credentials import credential_in_use, receive_credential, rewrap_credentials, seal_credential
from cadsus.services.queue import run_lookup, wake_if_pending, work_queue
from cadsus.services.rechecking import ask_missing, recheck
from cadsus.services.rotation import activate_credential, destroy_key, roll_back

__all__ = [
    "activate_credential",
    "ask_cns",
    "ask_missing",
    "check_connection",
    "check_credential",
    "credential_in_use",
    "destroy_key",
    "receive_credential",
    "recheck",
    "rewrap_credentials",
    "roll_back",
    "run_check",
    "run_lookup",
    "seal_credential",
    "start_check",
    "try_now",
    "wake_if_pending",
    "work_queue",
]
