"""PostgreSQL advisory locks, by name: mutual exclusion that is not about one row.

Nothing else calls ``pg_advisory_…``, so two locks never share a number by chance. A number is what processes of the
previous release know a lock by: it stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from django.db import connection, transaction


class AdvisoryLock(Enum):
    """The arguments by which PostgreSQL knows the lock; each ``%s`` is a key that the caller gives."""

    MIGRATIONS = "509"
    """One process brings the database up to date. One number alone: PostgreSQL keeps these apart from pairs."""

    REGISTRY = "509, %s"
    """Operator. People and links are brought up to date: imports, forms, merges (lock_registry)."""

    INBOX = "560, %s"
    """Operator. One worker looks through the inbox folder."""

    IMPORT_FOLDER = "561, %s"
    """Operator. One worker looks through the folder of spreadsheets."""

    CONFERENCE_LANE = "570 + %s, %s"
    """Lane, conference. One worker writes what the conference says of the people of a lane."""

    CARD_EVENTS = "731, %s"
    """Operator. Events for the operator's systems are numbered in the order of their commits."""

    CREDENTIALS = "hashtextextended('credentials', %s)"
    """Operator. Which certificate is in use, and under which key it is sealed."""


def lock_until_commit(lock: AdvisoryLock, *keys: int) -> None:
    """Wait for the lock, and hold it until the transaction ends, whichever way."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{lock.name} would be given back at once: no transaction")
    _call("pg_advisory_xact_lock", lock, keys)


@contextmanager
def session_lock(lock: AdvisoryLock, *keys: int) -> Iterator[None]:
    """Wait for the lock, and hold it for the length of the block, over any number of transactions."""
    _call("pg_advisory_lock", lock, keys)
    try:
        yield
    finally:
        _call("pg_advisory_unlock", lock, keys)


@contextmanager
def try_session_lock(lock: AdvisoryLock, *keys: int) -> Iterator[bool]:
    """Whether the lock was free; then it is held for the length of the block, over any number of transactions."""
    is_ours = _call("pg_try_advisory_lock", lock, keys) is True
    try:
        yield is_ours
    finally:
        if is_ours:
            _call("pg_advisory_unlock", lock, keys)


def _call(function: str, lock: AdvisoryLock, keys: tuple[int, ...]) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({lock.value})", keys)
        return cursor.fetchone()[0]
