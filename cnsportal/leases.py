"""Leases (distributed locks): one of all workers does something, for a limited time, so that a dead one blocks nobody.

A distributed lock in Redis, redis-py's: only its holder extends or releases it, by a script on the server. Unlike a
lock of PostgreSQL (cnsportal.db.locks) it holds no connection, and it does not guard data: whoever was too slow may
still be writing while the next one begins.
"""

from contextlib import suppress
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from redis import Redis
from redis.exceptions import LockError
from redis.lock import Lock


class Lease:
    """Of ``key``, for ``seconds``; it may be released in another thread than it was acquired in.

    It lies where Django's cache keeps this key, in digits, which that cache can read: there processes of the previous
    release look for it.
    """

    def __init__(self, key: str, seconds: float) -> None:
        server = _server(settings.REDIS_URL)
        self._lock = Lock(server, cache.make_key(key), timeout=seconds, blocking=False, thread_local=False)

    def acquire(self) -> bool:
        """Whether it was free; at once."""
        return bool(self._lock.acquire(token=str(uuid4().int)))

    def extend(self) -> bool:
        """By its whole time, from now on; False where it had run out."""
        try:
            return bool(self._lock.reacquire())
        except LockError:
            return False

    def release(self) -> None:
        """Where it had run out, it may be somebody else's by now: that one is left alone."""
        with suppress(LockError):
            self._lock.release()

    def is_taken(self) -> bool:
        """By whomever."""
        return bool(self._lock.locked())


@lru_cache(1)
def _server(url: str) -> Redis:
    return Redis.from_url(url)
