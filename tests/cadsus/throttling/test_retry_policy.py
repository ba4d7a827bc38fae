from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cadsus.throttling.retry_policy import backoff

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_retries_come_soon_at_first_and_then_every_hour():
    delays = [backoff(failures).total_seconds() for failures in range(1, 9)]

    assert delays == [2, 8, 32, 128, 512, 2048, 3600, 3600]


@given(st.integers(1, 10_000))
def test_retries_never_come_sooner_than_after_one_failure_less(failures):
    assert timedelta(0) < backoff(failures) <= backoff(failures + 1) <= HOUR


@given(st.integers(1, 100), st.floats(0, 86_400))
def test_retries_respect_the_peace_that_was_asked_for(failures, seconds):
    assert backoff(failures, seconds) >= timedelta(seconds=seconds)


@given(st.integers(1, 100), st.floats(86_400, 1e12))
def test_retries_do_not_wait_for_more_than_a_day(failures, seconds):
    assert backoff(failures, seconds) == DAY
