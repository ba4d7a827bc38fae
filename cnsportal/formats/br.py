"""Brazilian formats of dates, moments, counts and hidden digits: each is written here, once. Pure.

A moment is written in the time zone that it has: whoever calls brings it to local time.
"""

import re
from datetime import date, datetime, timedelta

DATE_FORMAT = "%d/%m/%Y"
DATETIME_FORMAT = f"{DATE_FORMAT} %H:%M"
DATE_INPUT_FORMATS = (DATE_FORMAT, "%Y-%m-%d")
"""What a field for a date takes: as people write it, and as browsers and addresses do."""
_BULLET = "•"
_UNITS = {
    365 * 86_400: ("ano", "anos"),
    30 * 86_400: ("mês", "meses"),
    86_400: ("dia", "dias"),
    3_600: ("hora", "horas"),
    60: ("minuto", "minutos"),
}
"""Seconds of each, the largest first."""


def format_date(day: date) -> str:
    return day.strftime(DATE_FORMAT)


def format_iso_date(text: str) -> str:
    """``2026-12-31`` as ``31/12/2026``; ValueError where it is no date."""
    return format_date(date.fromisoformat(text))


def format_datetime(moment: datetime) -> str:
    return moment.strftime(DATETIME_FORMAT)


def format_datetime_with_seconds(moment: datetime) -> str:
    return moment.strftime(f"{DATETIME_FORMAT}:%S")


def format_datetime_in_sentence(moment: datetime) -> str:
    """``31/12/2026 às 08:00``."""
    return moment.strftime(f"{DATE_FORMAT} às %H:%M")


def age_in_words(age: timedelta) -> str:
    """``agora``, ``há 5 minutos``, ``há 1 dia``, ``há 3 meses``: whole units, of the largest that has passed."""
    seconds = int(age.total_seconds())
    for unit, (one, more) in _UNITS.items():
        if seconds >= unit:
            count = seconds // unit
            return f"há {count} {one if count == 1 else more}"
    return "agora"


def format_count(count: int) -> str:
    """``1.234.567``."""
    return f"{count:,}".replace(",", ".")


def mask_with_bullets(masked: str) -> str:
    """The asterisks of a masked number as bullets, which lie quieter on the line."""
    return masked.replace("*", _BULLET)


def mask_digits(text: str) -> str:
    """Of a personal value only its shape."""
    return re.sub(r"\d", _BULLET, text)


def parse_iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
