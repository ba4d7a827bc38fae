"""Counts over great tables as they were a short while ago: shared by all who look, and made while nobody waits."""

import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TypeVar, cast

from django.core.cache import cache
from django.db import connections

LEAST = 5  # seconds: many may watch one page, and some ask every three
SPARED = 20  # times as long as it took: counting a million rows must not keep the database busy
OLDEST = 15 * 60  # seconds; so long an old value may stand in while somebody counts anew
PATIENCE = 60  # seconds that a count may take before another begins

T = TypeVar("T")


def lately(key: str, count: Callable[[], T]) -> T:
    """What ``count`` gave LEAST seconds ago at most, or SPARED times as long as it took.

    Who finds it older is given it all the same, and it is counted anew aside. Only who finds nothing, or nothing but
    what is older than OLDEST, waits for the count.
    """
    kept = cache.get(key)
    if not kept:
        return _counted(key, count)
    value, fresh_until = kept
    if time.time() > fresh_until and cache.add(f"{key}:counting", True, PATIENCE):
        Thread(target=copy_context().run, args=(_count_aside, key, count), daemon=True).start()
    return cast("T", value)


def _counted(key: str, count: Callable[[], T]) -> T:
    begin = time.monotonic()
    value = count()
    fresh_for = max(LEAST, SPARED * (time.monotonic() - begin))
    cache.set(key, (value, time.time() + fresh_for), fresh_for + OLDEST)
    return value


def _count_aside(key: str, count: Callable[[], object]) -> None:
    try:
        _counted(key, count)
    finally:
        cache.delete(f"{key}:counting")
        connections.close_all()


def forget(key: str) -> None:
    """After a deed whose effect is to be seen at once."""
    cache.delete(key)
