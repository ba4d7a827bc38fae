import secrets
import threading
import time

import pytest
from django.conf import settings
from redis import Redis

from cadsus.throttling.circuit_breaker import CircuitBreaker

PAUSE = 0.2  # seconds


@pytest.fixture
def breaker():
    """Breakers of one name of their own, on the server of the run."""
    name = secrets.token_hex(8)
    with Redis.from_url(settings.REDIS_URL) as server:
        yield CircuitBreaker(name, server, threshold=3, first_pause=PAUSE, longest_pause=4 * PAUSE)


def opened(breaker):
    breaker.failed(breaker.threshold)
    return breaker


def probe(breaker):
    """Wait for the time of the probe, and take it."""
    time.sleep(max(0, breaker.state().probes_at.timestamp() - time.time()) + 0.02)
    return breaker.allow_request()


def test_breaker_is_closed_at_first(breaker):
    assert breaker.allow_request()
    assert (breaker.state().is_open, breaker.state().failures) == (False, 0)


def test_breaker_opens_after_failures_in_a_row(breaker):
    breaker.failed()
    breaker.failed()
    before = breaker.allow_request()
    breaker.failed()

    assert (before, breaker.allow_request(), breaker.state().is_open) == (True, False, True)


def test_breaker_forgets_failures_at_a_success(breaker):
    breaker.failed(2)
    breaker.succeeded()
    breaker.failed(2)

    assert breaker.allow_request()


def test_open_breaker_lets_one_probe_through(breaker):
    opened(breaker)

    assert probe(breaker)
    assert not breaker.allow_request()


def test_open_breaker_of_a_race_lets_one_probe_through(breaker):
    opened(breaker)
    time.sleep(PAUSE + 0.02)
    permits, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        permits.append(breaker.allow_request())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(permits) == [False] * 7 + [True]


def test_open_breaker_closes_when_the_probe_succeeds(breaker):
    probe(opened(breaker))
    breaker.succeeded()

    assert (breaker.allow_request(), breaker.state().is_open) == (True, False)


def test_open_breaker_pauses_twice_as_long_after_each_failed_probe_up_to_a_limit(breaker):
    opened(breaker)
    pauses = []
    for _ in range(4):
        pauses.append(breaker.state().probes_at.timestamp() - time.time())
        probe(breaker)
        breaker.failed()

    assert pauses == pytest.approx([PAUSE, 2 * PAUSE, 4 * PAUSE, 4 * PAUSE], abs=0.05)


def test_open_breaker_takes_no_notice_of_what_was_under_way(breaker):
    before = opened(breaker).state()
    breaker.failed(20)

    assert breaker.state() == before


def test_open_breaker_keeps_when_it_opened(breaker):
    since = opened(breaker).state().opened_at
    probe(breaker)
    breaker.failed()

    assert breaker.state().opened_at == since


def test_probe_that_never_comes_back_is_followed_by_another(breaker):
    probe(opened(breaker))

    assert probe(breaker)


def test_breaker_is_shared_by_whoever_has_its_name(breaker):
    opened(breaker)

    with Redis.from_url(settings.REDIS_URL) as other:
        assert not CircuitBreaker(breaker.name, other, 3, PAUSE, PAUSE).allow_request()
        assert CircuitBreaker(secrets.token_hex(8), other, 3, PAUSE, PAUSE).allow_request()
