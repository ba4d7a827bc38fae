"""Allowed hours: what they hold, when they open and close, how they are written and read."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadsus.throttling.opening_hours import DAY_MINUTES, Hours
from tests.cadsus.moments import at, moments, some_hours
from tests.paths import ROOT

NIGHT = Hours.parse("20:00-06:00")


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("23/11/2026 19:59:59", False),
        ("23/11/2026 20:00", True),
        ("24/11/2026 00:00", True),
        ("24/11/2026 05:59:59", True),
        ("24/11/2026 06:00", False),
        ("24/11/2026 12:30", False),
    ],
)
def test_hours_lead_past_midnight(moment, inside):
    assert NIGHT.contains(at(moment)) is inside


def test_hours_go_by_brazilian_time_whatever_the_clock_of_the_moment():
    assert NIGHT.contains(datetime(2026, 11, 23, 23, 0, tzinfo=UTC)) is True  # 20:00 in São Paulo
    assert NIGHT.contains(datetime(2026, 11, 23, 20, 0, tzinfo=UTC)) is False  # 17:00


def test_hours_of_several_windows_open_at_the_nearest():
    hours = Hours.parse("20:00-06:00, 12:00-13:00")

    assert hours.opens_after(at("23/11/2026 07:15:30")) == at("23/11/2026 12:00")
    assert hours.opens_after(at("23/11/2026 13:00")) == at("23/11/2026 20:00")
    assert hours.closes_after(at("23/11/2026 23:10")) == at("24/11/2026 06:00")


@pytest.mark.parametrize("text", ["", "   "])
def test_hours_of_nothing_are_always(text):
    moment = at("23/11/2026 07:15")

    hours = Hours.parse(text)

    assert (hours.contains(moment), hours.opens_after(moment), hours.closes_after(moment)) == (True, moment, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a qualquer hora"),
        ("20:00-06:00", "das 20h às 6h"),
        ("20:30-06:00,12:00-13:05", "das 20h30 às 6h e das 12h às 13h05"),
        ("0:00-24:00", "das 0h às 24h"),
    ],
)
def test_hours_are_told_in_words(text, words):
    assert str(Hours.parse(text)) == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("noite", "Horário 'noite': escreva início e fim, como 20:00-06:00."),
        ("20:00-06:00,", "Horário '': escreva início e fim, como 20:00-06:00."),
        ("20:00-25:00", "Horário '20:00-25:00': use horas de 00:00 a 24:00."),
        ("20:61-22:00", "Horário '20:61-22:00': use horas de 00:00 a 24:00."),
        ("24:00-06:00", "Horário '24:00-06:00': o início e o fim não podem ser iguais; para o dia todo, deixe vazio."),
        ("08:00-08:00", "Horário '08:00-08:00': o início e o fim não podem ser iguais; para o dia todo, deixe vazio."),
    ],
)
def test_hours_that_cannot_be_read_say_why(text, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Hours.parse(text)


@given(some_hours, moments)
def test_hours_open_at_an_allowed_moment_and_not_before(hours, moment):
    opening = hours.opens_after(moment)

    assert moment <= opening <= moment + timedelta(days=1)
    assert hours.contains(opening)
    between = moment + (opening - moment) / 2
    assert opening in {moment, between} or not hours.contains(between)


@given(some_hours, moments)
def test_hours_hold_until_they_close(hours, moment):
    opening = hours.opens_after(moment)

    closing = hours.closes_after(opening)

    assert opening < closing <= opening + timedelta(days=1)
    assert hours.contains(closing - timedelta(microseconds=1))


@given(some_hours)
def test_hours_are_read_as_they_are_written(hours):
    written = ",".join(
        "-".join(f"{at // 60:02d}:{at % 60:02d}" for at in (window.start, window.end)) for window in hours.windows
    )

    assert Hours.parse(written) == hours


@given(st.text(max_size=30))
def test_hours_of_any_text_are_read_or_refused(text):
    try:
        held = Hours.parse(text).minutes_a_day
    except ValueError:
        held = DAY_MINUTES  # refused, with a sentence of those above

    assert 0 < held <= DAY_MINUTES


def test_hours_that_cannot_be_meant_stop_the_start():
    started = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "cnsportal.settings", "CADSUS_HOURS": "25:00-06:00"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 1
    assert "ImproperlyConfigured: CADSUS_HOURS='25:00-06:00': " in started.stderr
