from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from cnsportal.db.locks import AdvisoryLock, lock_until_commit, session_lock, try_session_lock
from tests.paths import ROOT

OURS = ("cnsportal", "operators", "beneficiaries", "sib", "cadsus", "cards", "demo")

PREVIOUS_RELEASE = {
    AdvisoryLock.MIGRATIONS: ((), "pg_advisory_xact_lock(509)"),
    AdvisoryLock.REGISTRY: ((7,), "pg_advisory_xact_lock(509, 7)"),
    AdvisoryLock.INBOX: ((7,), "pg_advisory_xact_lock(560, 7)"),
    AdvisoryLock.IMPORT_FOLDER: ((7,), "pg_advisory_xact_lock(561, 7)"),
    AdvisoryLock.CONFERENCE_LANE: ((3, 7), "pg_advisory_xact_lock(573, 7)"),
    AdvisoryLock.CARD_EVENTS: ((7,), "pg_advisory_xact_lock(731, 7)"),
    AdvisoryLock.CREDENTIALS: ((7,), "pg_advisory_xact_lock(hashtextextended('credentials', 7))"),
}


def held():
    """What this connection holds, as PostgreSQL lists it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT classid::bigint, objid::bigint, objsubid FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        return set(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_every_lock_is_the_one_that_the_previous_release_knows():
    def by_name(lock, keys):
        with transaction.atomic():
            lock_until_commit(lock, *keys)
            return held()

    def by_number(call):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {call}")
            return held()

    ours = {lock: by_name(lock, keys) for lock, (keys, _) in PREVIOUS_RELEASE.items()}

    assert ours == {lock: by_number(call) for lock, (_, call) in PREVIOUS_RELEASE.items()}
    assert (set(ours), len(set(map(frozenset, ours.values())))) == (set(AdvisoryLock), len(AdvisoryLock))


@pytest.mark.django_db(transaction=True)
def test_a_lock_of_a_transaction_is_refused_where_there_is_none():
    with pytest.raises(transaction.TransactionManagementError, match="REGISTRY"):
        lock_until_commit(AdvisoryLock.REGISTRY, 1)

    assert held() == set()


@pytest.mark.django_db(transaction=True)
def test_locks_of_a_block_outlive_transactions_and_end_with_it():
    with session_lock(AdvisoryLock.MIGRATIONS), try_session_lock(AdvisoryLock.INBOX, 1):
        with transaction.atomic():
            pass
        within = held()

    assert (within, held()) == ({(0, 509, 1), (560, 1, 2)}, set())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hold", [lock_until_commit, session_lock])
def test_of_many_who_want_one_lock_one_at_a_time_has_it(hold):
    inside, most, start = [], [], Barrier(4)

    def work(_):
        try:
            start.wait()
            with transaction.atomic():
                if hold is session_lock:
                    with session_lock(AdvisoryLock.REGISTRY, 1):
                        look()
                else:
                    lock_until_commit(AdvisoryLock.REGISTRY, 1)
                    look()
        finally:
            connection.close()

    def look():
        inside.append(1)
        most.append(len(inside))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
        inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert most == [1, 1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_try_a_lock_one_gets_it():
    start, looked = Barrier(4), Barrier(4)

    def work(_):
        try:
            start.wait()
            with try_session_lock(AdvisoryLock.INBOX, 1) as is_ours:
                looked.wait()
                return is_ours
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]


def test_nothing_else_calls_advisory_locks():
    files = [path for app in OURS for path in (ROOT / app).rglob("*.*") if path.suffix in {".py", ".sql"}]
    callers = [path for path in files if "_advisory_" in path.read_text(encoding="utf-8")]

    assert callers == [ROOT / "cnsportal" / "db" / "locks.py"]
