"""Backoff: when to ask again after an error that passes by itself."""

from datetime import timedelta

FIRST = 2.0  # seconds
GROWTH = 4
LONGEST = 3600.0  # seconds; DATASUS may be away for weeks, and comes back without notice
LONGEST_ASKED_FOR = 86_400.0  # seconds; as far as the other side's own wish is followed


def retry_delay(failures: int, retry_after: float | None = None) -> timedelta:
    """Until the next try after so many failures in a row (1 or more): 2 s, 8 s, 32 s ... one hour."""
    growing = min(LONGEST, FIRST * GROWTH ** min(failures - 1, 10))
    return timedelta(seconds=max(growing, min(retry_after or 0, LONGEST_ASKED_FOR)))
