"""Admission control: whether a lookup may go now, and what its outcome means for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone

from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.gateway import GatewayReply
from cadsus.models import Credential, Priority
from cadsus.queries.credentials import credential_in_use
from cadsus.queries.link_status import blocked
from cadsus.services.lookups.run import AskedLookup
from cadsus.throttling.blockers import ABOUT_CREDENTIAL, ABOUT_ENVIRONMENT, Blocker
from cadsus.throttling.circuit_breaker import CircuitBreaker
from cadsus.throttling.registry import circuit_breaker_for, credential_breaker, opening_hours_for

NO_PRIORITY = -1  # below every priority
PROBE = 1
UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Permit:
    """Questions up to this priority may go, so many at once."""

    up_to: int
    most: int

    NONE: ClassVar["Permit"]

    @property
    def is_probe(self) -> bool:
        return self.most == PROBE


Permit.NONE = Permit(NO_PRIORITY, 0)


def allowed_priority(environment: str) -> int:
    """Up to which priority it is worth trying; takes nothing, so that anybody may check."""
    found = blocked(environment)
    if found.obstacle in {Blocker.NONE, Blocker.OUTSIDE_HOURS}:
        return _priority(environment)
    probed = found.obstacle in {Blocker.AWAY, Blocker.CREDENTIAL_REFUSED}
    is_time = probed and found.until is not None and found.until <= timezone.now()
    return _priority(environment) if is_time else NO_PRIORITY


def acquire_permit(environment: str) -> Permit:
    """The same for somebody who is going to ask; of an open breaker it takes the probe."""
    obstacle = blocked(environment).obstacle
    if obstacle in {Blocker.NONE, Blocker.OUTSIDE_HOURS}:
        return Permit(_priority(environment), UNLIMITED)
    breaker = _breaker(environment, obstacle)
    return Permit(_priority(environment), PROBE) if breaker and breaker.allow_request() else Permit.NONE


def _priority(environment: str) -> int:
    open_now = opening_hours_for(environment).contains(timezone.localtime())
    return Priority.BACKLOG if open_now else Priority.INTERACTIVE


def _breaker(environment: str, obstacle: Blocker) -> CircuitBreaker | None:
    if obstacle is Blocker.AWAY:
        return circuit_breaker_for(environment)
    if obstacle is Blocker.CREDENTIAL_REFUSED:
        return credential_breaker(environment, credential_in_use(environment).fingerprint)
    return None


def report_outcomes(credential: Credential, batch: Sequence[AskedLookup]) -> None:
    """What the calls that are over, in their order, say about DATASUS and about the certificate."""
    troubles = [_error_of(asked) for asked in batch]
    _report_outcomes(
        circuit_breaker_for(credential.environment), [_speaks_against_datasus(trouble) for trouble in troubles]
    )
    refused = credential_breaker(credential.environment, credential.fingerprint)
    _report_outcomes(refused, [_speaks_against_certificate(trouble) for trouble in troubles])


def _error_of(asked: AskedLookup) -> ErrorKind | Exception | None:
    if isinstance(asked.result, GatewayReply):
        return None
    return asked.result.trouble if isinstance(asked.result, GatewayError) else asked.result


def _speaks_against_datasus(trouble: ErrorKind | Exception | None) -> bool | None:
    """None: it says nothing."""
    return None if isinstance(trouble, Exception) else trouble in ABOUT_ENVIRONMENT


def _speaks_against_certificate(trouble: ErrorKind | Exception | None) -> bool | None:
    if trouble in ABOUT_CREDENTIAL:
        return True
    return False if trouble in {None, ErrorKind.QUESTION_REFUSED} else None


def _report_outcomes(breaker: CircuitBreaker, words: Sequence[bool | None]) -> None:
    outcomes = [word for word in words if word is not None]
    failures = 0
    for word in outcomes:
        failures = failures + 1 if word else 0
    if failures < len(outcomes):
        breaker.succeeded()
    if failures:
        breaker.failed(failures)
