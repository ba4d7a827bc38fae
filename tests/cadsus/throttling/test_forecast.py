"""When the queue ends, and how that is said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadsus.throttling.forecast import estimate_completion, throughput, when
from cadsus.throttling.opening_hours import Hours
from tests.cadsus.moments import at, moments, some_hours

NIGHT = Hours.parse("20:00-06:00")
ALWAYS = Hours()
NOW = at("23/11/2026 08:00")  # a Monday

some_pending = st.integers(1, 500_000)
some_speed = st.floats(0.5, 200)
any_hours = st.one_of(st.just(ALWAYS), some_hours.filter(lambda hours: hours.minutes_a_day >= 60))


@pytest.mark.parametrize(
    ("pending", "hours", "ends"),
    [
        (17_500, ALWAYS, "23/11/2026 10:25:50"),
        (17_500, NIGHT, "23/11/2026 22:25:50"),
        (72_000, NIGHT, "24/11/2026 06:00"),
        (72_002, NIGHT, "24/11/2026 20:00:01"),
        (144_000, NIGHT, "25/11/2026 06:00"),
        (17_500, Hours.parse("20:00-21:00, 12:00-13:00"), "24/11/2026 12:25:50"),
        (0, NIGHT, "23/11/2026 20:00"),
    ],
)
def test_finish_counts_allowed_hours_alone(pending, hours, ends):
    assert estimate_completion(NOW, pending, 2, hours) == at(ends)


def test_finish_begins_when_the_pause_is_over():
    assert estimate_completion(NOW, 7_200, 2, NIGHT, at("26/11/2026 05:30")) == at("26/11/2026 20:30")


def test_finish_is_not_delayed_by_a_pause_that_is_over():
    assert estimate_completion(NOW, 7_200, 2, ALWAYS, NOW - timedelta(days=1)) == at("23/11/2026 09:00")


@pytest.mark.parametrize(("pending", "per_second"), [(10, None), (10, 0.0), (10**9, 0.001)])
def test_finish_that_cannot_be_told_is_not_told(pending, per_second):
    assert estimate_completion(NOW, pending, per_second, NIGHT) is None


@given(moments, some_pending, some_speed, any_hours, st.none() | moments)
def test_finish_lies_ahead_within_allowed_hours(now, pending, per_second, hours, not_before):
    end = estimate_completion(now, pending, per_second, hours, not_before)

    assert end > max(now, not_before or now)
    assert hours.contains(end - timedelta(microseconds=1))


@given(moments, some_pending, some_pending, some_speed, any_hours)
def test_finish_of_more_is_later(now, fewer, more, per_second, hours):
    ends = [estimate_completion(now, pending, per_second, hours) for pending in sorted([fewer, more])]

    assert ends == sorted(ends)


@given(moments, st.integers(1, 20_000), st.floats(2, 200), any_hours)
def test_finish_leaves_as_much_allowed_time_as_the_questions_take(now, pending, per_second, hours):
    now = now.replace(second=0, microsecond=0)

    end = estimate_completion(now, pending, per_second, hours)

    whole, rest = divmod(end - now, timedelta(minutes=1))
    allowed = sum(hours.contains(now + timedelta(minutes=minute)) for minute in range(whole))
    assert allowed * 60 + rest.total_seconds() == pytest.approx(pending / per_second, abs=0.01)


@pytest.mark.parametrize(
    ("rate", "seconds_a_call", "expected"),
    [(2, None, 2), (2, 0.2, 2), (0, 0.2, 40), (100, 0.2, 40), (0, None, None), (0, 0, None)],
)
def test_speed_is_the_narrowest_limit(rate, seconds_a_call, expected):
    assert throughput(rate, 8, seconds_a_call) == expected


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("23/11/2026 14:10", "hoje às 14h10"),
        ("24/11/2026 02:10", "amanhã às 02h10"),
        ("26/11/2026 02:10", "quinta às 02h10"),
        ("29/11/2026 23:59", "domingo às 23h59"),
        ("30/11/2026 00:00", "30/11 às 00h00"),
        ("03/01/2027 02:10", "03/01/2027 às 02h10"),
        ("20/11/2026 02:10", "20/11 às 02h10"),
    ],
)
def test_when_is_said_as_people_say_it(moment, words):
    assert when(at(moment), NOW) == words
