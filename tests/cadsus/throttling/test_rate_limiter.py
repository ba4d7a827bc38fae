import secrets
import time

import pytest
from django.conf import settings
from redis import Redis

from cadsus.throttling import rate_limiter
from cadsus.throttling.rate_limiter import SharedRateLimiter


@pytest.fixture
def pace():
    """Paces that no other test shares, on the server of the run."""
    with Redis.from_url(settings.REDIS_URL) as server:
        yield lambda rate, name=None: SharedRateLimiter(name or secrets.token_hex(8), rate, server)


def test_pace_without_a_limit_never_waits(pace):
    unlimited = pace(0)

    assert [unlimited.acquire(longest=0) for _ in range(100)] == [0.0] * 100


def test_pace_spaces_the_turns_by_its_rate(pace):
    two_a_second = pace(2)

    waits = [two_a_second.acquire(longest=60) for _ in range(5)]

    assert waits == pytest.approx([0, 0.5, 1, 1.5, 2], abs=0.1)


def test_pace_is_shared_by_whoever_has_its_name(pace):
    name = secrets.token_hex(8)
    pace(2, name).acquire(longest=60)

    assert pace(2, name).acquire(longest=60) == pytest.approx(0.5, abs=0.1)
    assert pace(2).acquire(longest=60) == 0


def test_pace_does_not_take_a_turn_that_is_too_far(pace):
    slow = pace(1)
    slow.acquire(longest=60)
    too_far = slow.acquire(longest=0.5)

    assert too_far == pytest.approx(1, abs=0.1)
    assert slow.acquire(longest=60) == pytest.approx(1, abs=0.1)


def test_pace_lets_unused_turns_go(pace):
    brisk = pace(20)
    brisk.acquire(longest=60)

    time.sleep(0.3)

    assert brisk.acquire(longest=60) == 0
    assert brisk.acquire(longest=60) == pytest.approx(0.05, abs=0.03)


def test_pace_counts_the_others_who_share_it(pace):
    shared = pace(2)
    for who in (1, 2, 2, 3):
        shared.at_work(who)

    assert (shared.others_at_work(2), shared.others_at_work(9), pace(2).others_at_work(2)) == (2, 3, 0)


def test_pace_forgets_those_who_are_not_heard_of_any_more(pace, monkeypatch):
    monkeypatch.setattr(rate_limiter, "SHARE_TTL_SECONDS", 1)
    shared = pace(2)
    shared.at_work(1)

    time.sleep(2.1)
    shared.at_work(2)

    assert shared.others_at_work(9) == 1
