"""Writes of the DATASUS side: certificates kept, people asked about, answers settled."""

from cadsus.services.asking import ask_cns, try_now
from cadsus.services.checking import check_connection, check_credential, run_check, start_check
from cadsus.services.credentials import credential_in_use, receive_credential, seal_credential
from cadsus.services.expiry import warn_of_expiry
from cadsus.services.own_cns import ask_own_cns, run_own_cns_check
from cadsus.services.pausing import end_lapsed_pause, pause_queue, resume_queue
from cadsus.services.queue import run_lookup, wake_if_pending, work_queue
from cadsus.services.rechecking import ask_missing, recheck
from cadsus.services.revocation import check_revocations
from cadsus.services.rewrapping import idle_keys, rewrap_all, rewrap_credentials
from cadsus.services.rotation import activate_credential, destroy_key, roll_back
from cadsus.services.sweeping import ask_again, ask_everybody_missing, cancel_queued, hurry_waiting, request_cancel
from cadsus.services.watching import link_notice, watch_link

__all__ = [
    "activate_credential",
    "ask_again",
    "ask_cns",
    "ask_everybody_missing",
    "ask_missing",
    "ask_own_cns",
    "cancel_queued",
    "check_connection",
    "check_credential",
    "check_revocations",
    "credential_in_use",
    "destroy_key",
    "end_lapsed_pause",
    "hurry_waiting",
    "idle_keys",
    "link_notice",
    "pause_queue",
    "receive_credential",
    "recheck",
    "request_cancel",
    "resume_queue",
    "rewrap_all",
    "rewrap_credentials",
    "roll_back",
    "run_check",
    "run_lookup",
    "run_own_cns_check",
    "seal_credential",
    "start_check",
    "try_now",
    "wake_if_pending",
    "warn_of_expiry",
    "watch_link",
    "work_queue",
]
