"""Whether a question may go now, and what its outcome says about the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone

from cadsus.client.errors import GatewayError, Trouble
from cadsus.client.gateway import Answer
from cadsus.models import Credential, Priority
from cadsus.queries.link_status import blocked
from cadsus.services.credentials.store import credential_in_use
from cadsus.services.lookups.run import Asked
from cadsus.throttling.blockers import ABOUT_CREDENTIAL, ABOUT_ENVIRONMENT, Obstacle
from cadsus.throttling.circuit_breaker import Breaker
from cadsus.throttling.registry import breaker_of, credential_breaker, hours_of

NOBODY = -1  # below every priority
PROBE = 1
UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Leave:
    """Questions up to this priority may go, so many at once."""

    up_to: int
    most: int

    NONE: ClassVar["Leave"]

    @property
    def is_probe(self) -> bool:
        return self.most == PROBE


Leave.NONE = Leave(NOBODY, 0)


def may_ask(environment: str) -> int:
    """Up to which priority it is worth trying; takes nothing, so that anybody may look."""
    found = blocked(environment)
    if found.obstacle in {Obstacle.NONE, Obstacle.OUTSIDE_HOURS}:
        return _priority(environment)
    probed = found.obstacle in {Obstacle.AWAY, Obstacle.CREDENTIAL_REFUSED}
    is_time = probed and found.until is not None and found.until <= timezone.now()
    return _priority(environment) if is_time else NOBODY


def ask_leave(environment: str) -> Leave:
    """The same for somebody who is going to ask; of an open breaker it takes the probe."""
    obstacle = blocked(environment).obstacle
    if obstacle in {Obstacle.NONE, Obstacle.OUTSIDE_HOURS}:
        return Leave(_priority(environment), UNLIMITED)
    breaker = _breaker(environment, obstacle)
    return Leave(_priority(environment), PROBE) if breaker and breaker.permits() else Leave.NONE


def _priority(environment: str) -> int:
    open_now = hours_of(environment).contains(timezone.localtime())
    return Priority.BACKLOG if open_now else Priority.INTERACTIVE


def _breaker(environment: str, obstacle: Obstacle) -> Breaker | None:
    if obstacle is Obstacle.AWAY:
        return breaker_of(environment)
    if obstacle is Obstacle.CREDENTIAL_REFUSED:
        return credential_breaker(environment, credential_in_use(environment).fingerprint)
    return None


def tell_breakers(credential: Credential, batch: Sequence[Asked]) -> None:
    """What the calls that are over, in their order, say about DATASUS and about the certificate."""
    troubles = [_trouble(asked) for asked in batch]
    _tell(breaker_of(credential.environment), [_speaks_against_datasus(trouble) for trouble in troubles])
    refused = credential_breaker(credential.environment, credential.fingerprint)
    _tell(refused, [_speaks_against_certificate(trouble) for trouble in troubles])


def _trouble(asked: Asked) -> Trouble | Exception | None:
    if isinstance(asked.result, Answer):
        return None
    return asked.result.trouble if isinstance(asked.result, GatewayError) else asked.result


def _speaks_against_datasus(trouble: Trouble | Exception | None) -> bool | None:
    """None: it says nothing."""
    return None if isinstance(trouble, Exception) else trouble in ABOUT_ENVIRONMENT


def _speaks_against_certificate(trouble: Trouble | Exception | None) -> bool | None:
    if trouble in ABOUT_CREDENTIAL:
        return True
    return False if trouble in {None, Trouble.QUESTION_REFUSED} else None


def _tell(breaker: Breaker, words: Sequence[bool | None]) -> None:
    telling = [word for word in words if word is not None]
    failures = 0
    for word in telling:
        failures = failures + 1 if word else 0
    if failures < len(telling):
        breaker.succeeded()
    if failures:
        breaker.failed(failures)
