"""Services of the DATASUS side: certificates, lookups, results."""

from cadsus.queries.credentials import credential_in_use
from cadsus.services.credentials.check_connection import check_connection, check_credential, run_check, start_check
from cadsus.services.credentials.check_revocation import check_revocations
from cadsus.services.credentials.rotate import activate_credential, destroy_key, roll_back
from cadsus.services.credentials.rotate_kek import idle_keys, rewrap_all, rewrap_credentials
from cadsus.services.credentials.store import receive_credential, seal_credential
from cadsus.services.credentials.warn_expiry import warn_of_expiry
from cadsus.services.lookups.bulk_actions import (
    ask_again,
    ask_all_missing,
    cancel_queued,
    raise_priority,
    request_cancel,
)
from cadsus.services.lookups.enqueue import ask_cns, try_now
from cadsus.services.lookups.nightly import ask_missing, recheck
from cadsus.services.lookups.pause import end_lapsed_pause, pause_queue, resume_queue
from cadsus.services.lookups.status_banner import link_notice, watch_link
from cadsus.services.lookups.worker import run_lookup, wake_if_pending, work_queue
from cadsus.services.own_cns import ask_own_cns, run_own_cns_check

__all__ = [
    "activate_credential",
    "ask_again",
    "ask_all_missing",
    "ask_cns",
    "ask_missing",
    "ask_own_cns",
    "cancel_queued",
    "check_connection",
    "check_credential",
    "check_revocations",
    "credential_in_use",
    "destroy_key",
    "end_lapsed_pause",
    "idle_keys",
    "link_notice",
    "pause_queue",
    "raise_priority",
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
