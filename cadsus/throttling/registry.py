"""What all workers share of an environment: rate limiter, circuit breakers, opening hours, by the settings."""

from functools import lru_cache

from django.conf import settings
from redis import Redis

from cadsus.throttling.circuit_breaker import CircuitBreaker
from cadsus.throttling.opening_hours import Hours
from cadsus.throttling.rate_limiter import SharedRateLimiter

MAX_CONNECTIONS = 64
MAX_PAUSE_FACTOR = 20  # times the first pause of a breaker


def rate_limiter_for(environment: str) -> SharedRateLimiter:
    return _pace(environment, settings.CADSUS_ENVIRONMENTS[environment]["rate"], settings.REDIS_URL)


def opening_hours_for(environment: str) -> Hours:
    """When imports and the backlog may ask; who waits at a screen may always."""
    return _hours(settings.CADSUS_ENVIRONMENTS[environment]["hours"])


def circuit_breaker_for(environment: str) -> CircuitBreaker:
    """Opens for everybody when DATASUS is away."""
    return _breaker(environment, settings.REDIS_URL, settings.CADSUS_BREAKER_FAILURES, settings.CADSUS_BREAKER_SECONDS)


def credential_breaker(environment: str, fingerprint: str) -> CircuitBreaker:
    """Opens for one certificate that DATASUS refuses; another certificate has another one."""
    return _breaker(
        f"{environment}:{fingerprint}",
        settings.REDIS_URL,
        settings.CADSUS_BREAKER_FAILURES,
        settings.CADSUS_BREAKER_SECONDS,
    )


@lru_cache(MAX_CONNECTIONS)
def _pace(environment: str, rate: float, redis_url: str) -> SharedRateLimiter:
    return SharedRateLimiter(environment, rate, Redis.from_url(redis_url))


@lru_cache(MAX_CONNECTIONS)
def _hours(text: str) -> Hours:
    return Hours.parse(text)


@lru_cache(MAX_CONNECTIONS)
def _breaker(name: str, redis_url: str, threshold: int, first_pause: float) -> CircuitBreaker:
    return CircuitBreaker(name, Redis.from_url(redis_url), threshold, first_pause, first_pause * MAX_PAUSE_FACTOR)
