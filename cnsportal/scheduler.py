"""The scheduler of Celery (beat), made to survive a clock that was ahead once.

Celery trusts the moment at which it last sent a task, across restarts, and waits from there on. After a clock that was
a day ahead (a machine resumed before its time was set) nothing at all would be sent for a day.
"""

from typing import Any

import structlog
from celery.beat import PersistentScheduler, ScheduleEntry

logger = structlog.get_logger(__name__)


class Scheduler(PersistentScheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next one."""
        ahead = [entry for entry in self.schedule.values() if _is_ahead(entry)]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            logger.warning("scheduler_clock_went_back", entries=len(ahead))
            self._heap = None  # it is ordered by the moments of the clock that was ahead
        return float(super().tick(*args, **kwargs))


def _is_ahead(entry: ScheduleEntry) -> bool:
    return bool(entry.last_run_at and entry.last_run_at > entry.default_now())
