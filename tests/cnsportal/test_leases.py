"""Leases on the real server, beside processes of the previous release, which took them through Django's cache."""

import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache

from cnsportal.leases import Lease
from tests.paths import ROOT

OURS = ("cnsportal", "operators", "beneficiaries", "sib", "cadsus", "cards", "demo")


@pytest.fixture
def key():
    key = f"tests:lease:{secrets.token_hex(8)}"
    yield key
    cache.delete(key)


def test_of_many_who_want_a_lease_at_once_one_gets_it(key):
    start = Barrier(8)

    def take(_):
        start.wait()
        return Lease(key, 30).acquire()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_a_lease_is_free_once_it_is_released_in_whichever_thread(key):
    lease, other = Lease(key, 30), Lease(key, 30)
    lease.acquire()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lease.release).result()

    assert (lease.is_taken(), other.acquire()) == (False, True)


def test_a_lease_of_who_died_runs_out_and_an_extended_one_does_not(key):
    lease, other = Lease(key, 0.4), Lease(key, 0.4)
    lease.acquire()
    time.sleep(0.25)
    extended = lease.extend()
    time.sleep(0.25)
    while_extended = other.acquire()
    time.sleep(0.25)

    assert (extended, while_extended, other.acquire()) == (True, False, True)


def test_who_was_too_slow_neither_extends_nor_releases_the_lease_of_another(key):
    slow, other = Lease(key, 0.1), Lease(key, 30)
    slow.acquire()
    time.sleep(0.15)
    alone = slow.extend()
    other.acquire()
    beside = slow.extend()
    slow.release()

    assert (alone, beside, other.is_taken(), other.extend()) == (False, False, True, True)


def test_what_was_never_acquired_is_nobodys(key):
    lease = Lease(key, 30)
    lease.release()

    assert (lease.extend(), lease.is_taken()) == (False, False)


def test_a_lease_of_a_process_of_the_previous_release_is_waited_for(key):
    lease = Lease(key, 30)
    cache.add(key, secrets.token_hex(16), 30)

    assert (lease.acquire(), lease.is_taken()) == (False, True)
    cache.delete(key)
    assert lease.acquire() is True


def test_a_process_of_the_previous_release_sees_a_lease_and_leaves_it_alone(key):
    lease = Lease(key, 30)
    lease.acquire()

    taken, kept = cache.add(key, secrets.token_hex(16), 30), cache.get(key)

    assert (taken, isinstance(kept, int), kept == 0) == (False, True, False)


def test_nothing_else_takes_a_lease():
    """What the rate limits add is the count of a window."""
    modules = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    takers = [path for path in modules if re.search(r"\bcache\.add\(|nx=True", path.read_text(encoding="utf-8"))]

    assert takers == [ROOT / "cnsportal" / "web" / "rate_limits.py"]
