"""Writes of the DATASUS side: certificates kept, people asked about, answers settled."""

from cadsus.services.asking import ask_cns, ask_missing, send_due
from cadsus.services.checking import Step, check_connection
from cadsus.services.credentials import credential_in_use, rewrap_credentials, seal_credential
from cadsus.services.lookups import run_lookup

__all__ = [
    "Step",
    "ask_cns",
    "ask_missing",
    "check_connection",
    "credential_in_use",
    "rewrap_credentials",
    "run_lookup",
    "seal_credential",
    "send_due",
]
