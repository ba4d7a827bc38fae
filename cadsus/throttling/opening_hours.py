"""Opening hours in Brazilian time: "20:00-06:00, 12:00-13:00"; empty = always."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
DAY_MINUTES = 24 * 60
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day; the end is not part of it. It may lead past midnight."""

    start: int
    end: int

    def contains(self, minute: int) -> bool:
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def __str__(self) -> str:
        return f"das {_clock(self.start)} às {_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Hours:
    windows: tuple[Window, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Raises ValueError with a sentence for the one who wrote it."""
        return cls(tuple(_window(part.strip()) for part in text.split(","))) if text.strip() else cls()

    def contains(self, moment: datetime) -> bool:
        return self._is_open(_minute(moment))

    def opens_after(self, moment: datetime) -> datetime:
        """The next moment that is allowed: this one, where it is."""
        if self.contains(moment):
            return moment
        return _later(moment, min((window.start - _minute(moment)) % DAY_MINUTES for window in self.windows))

    def closes_after(self, moment: datetime) -> datetime | None:
        """Up to when at least it stays allowed from an allowed moment on; None: for ever."""
        minute = _minute(moment)
        left = [(window.end - minute - 1) % DAY_MINUTES + 1 for window in self.windows if window.contains(minute)]
        return _later(moment, min(left)) if left else None

    @property
    def minutes_a_day(self) -> int:
        return sum(self._is_open(minute) for minute in range(DAY_MINUTES))

    def _is_open(self, minute: int) -> bool:
        return not self.windows or any(window.contains(minute) for window in self.windows)

    def __str__(self) -> str:
        *others, last = map(str, self.windows) if self.windows else ["a qualquer hora"]
        return f"{', '.join(others)} e {last}" if others else last


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text)
    if not found:
        raise ValueError(f"Horário {text!r}: escreva início e fim, como 20:00-06:00.")
    numbers = [int(number) for number in found.groups()]
    start, stop = _minutes(*numbers[:2], text=text), _minutes(*numbers[2:], text=text)
    if start in {stop, DAY_MINUTES}:
        raise ValueError(f"Horário {text!r}: o início e o fim não podem ser iguais; para o dia todo, deixe vazio.")
    return Window(start, stop)


def _minutes(hours: int, minutes: int, *, text: str) -> int:
    at = hours * 60 + minutes
    if minutes >= 60 or at > DAY_MINUTES:
        raise ValueError(f"Horário {text!r}: use horas de 00:00 a 24:00.")
    return at


def _minute(moment: datetime) -> int:
    local = moment.astimezone(ZONE)
    return local.hour * 60 + local.minute


def _later(moment: datetime, minutes: int) -> datetime:
    return moment.astimezone(ZONE).replace(second=0, microsecond=0) + timedelta(minutes=minutes)


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute, 60)
    return f"{hours:02d}h{minutes:02d}" if minutes else f"{hours}h"
