"""A stale-while-revalidate cache for counts over large tables: shared by all readers, renewed while nobody waits.

Whoever has just done something that counts is never given a count that was begun before it: he alone waits for it to
be made again, and all others are given the new one, too.
"""

import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TypeVar, cast

from django.core.cache import cache
from django.db import connections, transaction

from cnsportal.leases import Lease

MIN_TTL_SECONDS = 5  # many may watch one page, and some ask every three
TTL_PER_COST = 20  # times as long as it took: counting a million rows must not keep the database busy
MAX_STALE_SECONDS = 15 * 60  # so long an old value may stand in while somebody counts again
CHANGE_TTL_SECONDS = 24 * 3600  # longer than any count
REFRESH_LEASE_SECONDS = 60  # that a count may take before another begins

T = TypeVar("T")


def stale_while_revalidate(key: str, count: Callable[[], T], since: float = 0) -> T:
    """What ``count`` gave MIN_TTL_SECONDS seconds ago at most, or TTL_PER_COST times as long as it took.

    Who finds it older is given it all the same, and it is counted again aside. Only who finds nothing, or nothing but
    what is older than MAX_STALE_SECONDS or was begun before ``since`` (last_own_change), waits for the count.
    """
    kept = cache.get(key)
    if not kept or kept[2] < since:
        return _counted(key, count)
    value, fresh_until, _ = kept
    if time.time() > fresh_until and (lease := Lease(f"{key}:counting", REFRESH_LEASE_SECONDS)).acquire():
        Thread(target=copy_context().run, args=(_count_aside, key, count, lease), daemon=True).start()
    return cast("T", value)


def _counted(key: str, count: Callable[[], T]) -> T:
    begin, begun_at = time.monotonic(), time.time()
    value = count()
    fresh_for = max(MIN_TTL_SECONDS, TTL_PER_COST * (time.monotonic() - begin))
    cache.set(key, (value, time.time() + fresh_for, begun_at), fresh_for + MAX_STALE_SECONDS)
    return value


def _count_aside(key: str, count: Callable[[], object], lease: Lease) -> None:
    try:
        _counted(key, count)
    finally:
        lease.release()
        connections.close_all()


def note_own_change(operator_id: int, user_id: int) -> None:
    """Once the transaction is through: this person's next look at a count is to show what they did."""
    transaction.on_commit(
        lambda: cache.set(_change_key(operator_id, user_id), time.time(), CHANGE_TTL_SECONDS), robust=True
    )


def last_own_change(operator_id: int, user_id: int) -> float:
    """When it was, or 0 where it is so long ago that no count is older."""
    return float(cache.get(_change_key(operator_id, user_id), 0))


def _change_key(operator_id: int, user_id: int) -> str:
    return f"deed:{operator_id}:{user_id}"


def invalidate(key: str) -> None:
    """After a change whose effect is to be seen at once."""
    cache.delete(key)
