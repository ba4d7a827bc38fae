import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from cnsportal.formats import br

MOMENT = datetime(2026, 12, 1, 8, 5, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
APPS = ("cnsportal", "operators", "beneficiaries", "sib", "cadsus", "cards", "demo")
WRITTEN_BY_HAND = re.compile(r'%d/%m/%Y|replace\("\*"|:,\}|"•"')


def test_dates_and_moments_are_written_day_first():
    assert (br.format_date(MOMENT.date()), br.format_date(MOMENT)) == ("01/12/2026", "01/12/2026")
    assert br.format_datetime(MOMENT) == "01/12/2026 08:05"
    assert br.format_datetime_with_seconds(MOMENT) == "01/12/2026 08:05:09"
    assert br.format_datetime_in_sentence(MOMENT) == "01/12/2026 às 08:05"
    assert br.format_iso_date("2024-02-29") == "29/02/2024"


def test_a_moment_is_written_in_the_zone_that_it_has():
    assert br.format_datetime(MOMENT.astimezone(timezone(timedelta(hours=-3)))) == "01/12/2026 05:05"


@pytest.mark.parametrize(("text", "day"), [("2024-02-29", date(2024, 2, 29)), ("2023-02-29", None), ("", None)])
def test_a_date_is_read_or_is_none(text, day):
    assert br.parse_iso_date(text) == day


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (1000, "1.000"), (1234567, "1.234.567"), (-1000, "-1.000")]
)
def test_thousands_have_a_point(count, text):
    assert br.format_count(count) == text


def test_hidden_digits_are_bullets():
    assert br.mask_with_bullets("***.456.789-**") == "•••.456.789-••"
    assert br.mask_digits("700 1234, Rua 7") == "••• ••••, Rua •"


def test_each_format_is_written_once():
    """The simulator stands aside: it writes its own page."""
    files = [file for app in APPS for file in sorted((ROOT / app).rglob("*.py")) if file != Path(br.__file__)]
    assert [str(file) for file in files if WRITTEN_BY_HAND.search(file.read_text())] == []
