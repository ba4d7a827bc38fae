"""Counts over great tables as they were a short while ago: shared by all who look, and made by one of them."""

import time
from collections.abc import Callable
from typing import TypeVar, cast

from django.core.cache import cache

LEAST = 5  # seconds: many may watch one page, and some ask every three
SPARED = 20  # times as long as it took: counting a million rows must not keep the database busy
KEPT = 24 * 3600  # seconds; so long an old value may stand in while somebody counts anew
PATIENCE = 60  # seconds that somebody may count

T = TypeVar("T")


def lately(key: str, count: Callable[[], T]) -> T:
    """What ``count`` gave LEAST seconds ago at most, or SPARED times as long as it took.

    While one counts anew, the others are given what was counted before.
    """
    kept = cache.get(key)
    if kept and (time.time() < kept[1] or not cache.add(f"{key}:counting", True, PATIENCE)):
        return cast("T", kept[0])
    begin = time.monotonic()
    try:
        value = count()
        cache.set(key, (value, time.time() + max(LEAST, SPARED * (time.monotonic() - begin))), KEPT)
    finally:
        cache.delete(f"{key}:counting")
    return value


def forget(key: str) -> None:
    """After a deed whose effect is to be seen at once."""
    cache.delete(key)
