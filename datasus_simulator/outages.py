"""Outages of the simulator: once, or every day at the same hours of Brasília."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock_time
from typing import Any, Self
from zoneinfo import ZoneInfo

from datasus_simulator.behaviours import Behaviours, parse_behaviours

BRASILIA = ZoneInfo("America/Sao_Paulo")
_USUAL = "html_503"


@dataclass(frozen=True, slots=True)
class Outage:
    """Both listeners misbehave between two moments of the monotonic clock."""

    begins: float
    ends: float
    behaviours: Behaviours

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Self:
        """``{"seconds": 60, "in_seconds": 0, "behaviour": "html_503"}``. Raises KeyError, TypeError or ValueError."""
        begins = time.monotonic() + _seconds(wanted.get("in_seconds", 0))
        return cls(begins, begins + _seconds(wanted["seconds"]), parse_behaviours(wanted.get("behaviour", _USUAL)))

    def now(self) -> Behaviours:
        return self.behaviours if self.begins <= time.monotonic() < self.ends else frozenset()


@dataclass(frozen=True, slots=True)
class DailyOutage:
    """From one time of day to another, over midnight where the end comes first."""

    begins: clock_time
    ends: clock_time
    behaviours: Behaviours

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Self:
        """``{"from": "22:00", "to": "23:30", "behaviour": "html_503"}``. Raises KeyError, TypeError or ValueError."""
        begins, ends = (_time_of_day(wanted[name]) for name in ("from", "to"))
        if begins == ends:
            raise ValueError("an outage takes time")
        return cls(begins, ends, parse_behaviours(wanted.get("behaviour", _USUAL)))

    @property
    def wanted(self) -> dict[str, str]:
        """As ``parse`` reads it."""
        behaviours = " ".join(sorted(self.behaviours))
        return {"from": f"{self.begins:%H:%M}", "to": f"{self.ends:%H:%M}", "behaviour": behaviours}

    def at(self, moment: datetime) -> Behaviours:
        now = moment.astimezone(BRASILIA).time()
        over_midnight = self.ends < self.begins
        away = not self.ends <= now < self.begins if over_midnight else self.begins <= now < self.ends
        return self.behaviours if away else frozenset()


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds < float("inf"):
        raise ValueError("not a length of time")
    return seconds


def _time_of_day(text: str) -> clock_time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  (a time of day, not a moment)
