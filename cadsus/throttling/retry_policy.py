"""Backoff: when to retry after an error that is temporary."""

from datetime import timedelta

FIRST_DELAY_SECONDS = 2.0
DELAY_GROWTH = 4
MAX_DELAY_SECONDS = 3600.0  # DATASUS may be away for weeks, and comes back without notice
MAX_RETRY_AFTER_SECONDS = 86_400.0  # the longest Retry-After that is followed


def backoff(failures: int, retry_after: float | None = None) -> timedelta:
    """Until the next try after so many failures in a row (1 or more): 2 s, 8 s, 32 s ... one hour."""
    growing = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * DELAY_GROWTH ** min(failures - 1, 10))
    return timedelta(seconds=max(growing, min(retry_after or 0, MAX_RETRY_AFTER_SECONDS)))
