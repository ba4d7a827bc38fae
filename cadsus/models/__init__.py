"""Lookups at DATASUS, the certificates they use, and their results."""

from cadsus.models.accreditation import AccreditationStep, OwnCnsCheck, SgopMachine, SgopPerson
from cadsus.models.checks import Check
from cadsus.models.credentials import Credential, CredentialState, Revocation
from cadsus.models.environments import EnvironmentName
from cadsus.models.exchanges import Exchange
from cadsus.models.lookups import Candidate, Lookup, LookupOutcome, LookupQuerySet, LookupReason, Priority
from cadsus.models.pauses import Pause

__all__ = [
    "AccreditationStep",
    "Candidate",
    "Check",
    "Credential",
    "CredentialState",
    "EnvironmentName",
    "Exchange",
    "Lookup",
    "LookupOutcome",
    "LookupQuerySet",
    "LookupReason",
    "OwnCnsCheck",
    "Pause",
    "Priority",
    "Revocation",
    "SgopMachine",
    "SgopPerson",
]
