"""What all workers share of an environment: its pace, its breakers, its hours, as the settings give them now."""

from functools import lru_cache

from django.conf import settings
from redis import Redis

from cadsus.throttling.circuit_breaker import Breaker
from cadsus.throttling.opening_hours import Hours
from cadsus.throttling.rate_limiter import Pace

KEPT = 64
LONGEST = 20  # times the first pause of a breaker


def pace_of(environment: str) -> Pace:
    return _pace(environment, settings.CADSUS_ENVIRONMENTS[environment]["rate"], settings.REDIS_URL)


def hours_of(environment: str) -> Hours:
    """When imports and the backlog may ask; who waits at a screen may always."""
    return _hours(settings.CADSUS_ENVIRONMENTS[environment]["hours"])


def breaker_of(environment: str) -> Breaker:
    """Opens for everybody when DATASUS is away."""
    return _breaker(environment, settings.REDIS_URL, settings.CADSUS_BREAKER_FAILURES, settings.CADSUS_BREAKER_SECONDS)


def credential_breaker(environment: str, fingerprint: str) -> Breaker:
    """Opens for one certificate that DATASUS refuses; another certificate has another one."""
    return _breaker(
        f"{environment}:{fingerprint}",
        settings.REDIS_URL,
        settings.CADSUS_BREAKER_FAILURES,
        settings.CADSUS_BREAKER_SECONDS,
    )


@lru_cache(KEPT)
def _pace(environment: str, rate: float, redis_url: str) -> Pace:
    return Pace(environment, rate, Redis.from_url(redis_url))


@lru_cache(KEPT)
def _hours(text: str) -> Hours:
    return Hours.parse(text)


@lru_cache(KEPT)
def _breaker(name: str, redis_url: str, threshold: int, first_pause: float) -> Breaker:
    return Breaker(name, Redis.from_url(redis_url), threshold, first_pause, first_pause * LONGEST)
