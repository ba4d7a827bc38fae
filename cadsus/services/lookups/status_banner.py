"""The banner of every page while DATASUS cannot be asked: computed by the scheduler, kept in the cache.

A page reads the cache once and asks the database nothing. If the scheduler stops, the banner expires.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from cadsus.queries.link_status import blocked, link_state
from cadsus.throttling.blockers import Blocker
from operators.context import current_operator_id

BANNER_TTL_SECONDS = 60

SERIOUS = frozenset({Blocker.NO_CREDENTIAL, Blocker.EXPIRED, Blocker.LOCKED, Blocker.CREDENTIAL_REFUSED})
"""These pass when somebody does something, the others by themselves."""
NOT_ANNOUNCED = frozenset({Blocker.NONE, Blocker.OUTSIDE_HOURS})


@dataclass(frozen=True, slots=True)
class Notice:
    obstacle: str  # name of cadsus.throttling.blockers.Blocker
    since: datetime | None
    until: datetime | None
    last_success: datetime | None
    error_rate: float | None  # of the last hour

    @property
    def sentence(self) -> str:
        return Blocker[self.obstacle].sentence

    @property
    def percent(self) -> float | None:
        return None if self.error_rate is None else self.error_rate * 100

    @property
    def tone(self) -> str:
        return "bad" if Blocker[self.obstacle] in SERIOUS else "warn"


def watch_link() -> None:
    """Find out what blocks the queue, and cache it for the pages."""
    if blocked(settings.CADSUS_ENVIRONMENT).obstacle in NOT_ANNOUNCED:
        cache.delete(_key())
        return
    link = link_state(settings.CADSUS_ENVIRONMENT)
    notice = Notice(link.obstacle.name, link.since, link.until, link.last_success, link.error_rate)
    cache.set(_key(), asdict(notice), BANNER_TTL_SECONDS)


def link_notice() -> Notice | None:
    """What was found a moment ago; None while all is well."""
    found = cache.get(_key())
    return Notice(**found) if found else None


def _key() -> str:
    return f"cadsus:notice:{settings.CADSUS_ENVIRONMENT}:{current_operator_id()}"
