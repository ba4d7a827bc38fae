"""Which clocks are tried, and that no test which could depend on the day escapes them (tests.clocks)."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import BRASILIA, CORE, OTHERS, clocks
from tests.paths import ROOT

FIXED_DAY = re.compile(r'\bdate(time)?\(20[2-9]\d|"20[2-9]\d-\d\d|\d\d/20[2-9]\d')
READS_THE_CLOCK = re.compile(r"\b(timezone\.now|localdate|localtime|datetime\.now|date\.today|time\.time)\(")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_fixed_day_beside_todays_is_tried_under_other_clocks():
    modules = [path for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name != "browser"]
    both = {str(path.relative_to(ROOT)) for path in modules if _has_both(path.read_text(encoding="utf-8"))}

    assert both - {*CORE, *OTHERS} == set()


def _has_both(text):
    return FIXED_DAY.search(text) is not None and READS_THE_CLOCK.search(text) is not None


def test_every_module_is_there_and_stands_once_in_order():
    there = {module for module in (*CORE, *OTHERS) if (ROOT / module).is_file()}

    assert [sorted(there & set(modules)) for modules in (CORE, OTHERS)] == [list(CORE), list(OTHERS)]
    assert len(there) == len(CORE) + len(OTHERS)


@given(moments)
def test_clocks_lie_ahead_and_show_what_they_are_named_after(now):
    found = {clock.name: clock for clock in clocks(now)}
    here = {name: clock.begins.astimezone(BRASILIA) for name, clock in found.items()}

    assert min(clock.begins for clock in found.values()) > now
    assert found["year-ahead"].begins - now == timedelta(days=365)
    assert (here["leap-day"].month, here["leap-day"].day) == (2, 29)
    assert f"{here['end-of-year']:%d/%m %H:%M}" == "31/12 23:59"
    assert f"{here['first-minute-of-a-month']:%d %H:%M}" == "01 00:00"
    assert _day_there(found["utc-plus-14"]) == here["utc-plus-14"].date() + timedelta(days=1)
    assert _day_there(found["utc-minus-12"]) == here["utc-minus-12"].date() - timedelta(days=1)
    assert _offset(found["clocks-go-forward"], hours=0) + timedelta(hours=1) == _offset(
        found["clocks-go-forward"], hours=1
    )


def _day_there(clock) -> date:
    return clock.begins.astimezone(ZoneInfo(clock.zone)).date()


def _offset(clock, hours):
    return (clock.begins + timedelta(hours=hours)).astimezone(UTC).astimezone(ZoneInfo(clock.zone)).utcoffset()
