"""Estimates when a queue will be done, from its length, its speed and the opening hours."""

from datetime import datetime, timedelta

from cadsus.throttling.opening_hours import ZONE, Hours

FORESEEN = timedelta(days=3650)  # nobody plans further
WEEKDAYS = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
WEEK_DAYS = 7


def throughput(rate: float, concurrency: int, seconds_a_call: float | None) -> float | None:
    """Questions a second: the agreed rate (0 = none), or what so many at once can do; None before anything is known."""
    possible = concurrency / seconds_a_call if seconds_a_call else None
    known = [limit for limit in (rate, possible) if limit]
    return min(known, default=None)


def estimate_completion(
    now: datetime, pending: int, per_second: float | None, hours: Hours, not_before: datetime | None = None
) -> datetime | None:
    """When the last of ``pending`` will have been asked; None where that is unknown."""
    if not per_second or pending / per_second * (24 * 60 / hours.minutes_a_day) > FORESEEN.total_seconds():
        return None
    start = hours.opens_after(max(now, not_before or now))
    whole_days, left = divmod(pending / per_second, hours.minutes_a_day * 60)
    if not left and whole_days:
        whole_days, left = whole_days - 1, float(hours.minutes_a_day * 60)
    return _work_off(start + timedelta(days=whole_days), timedelta(seconds=left), hours)


def _work_off(start: datetime, left: timedelta, hours: Hours) -> datetime:
    while (closing := hours.closes_after(start)) and left > closing - start:
        left -= closing - start
        start = hours.opens_after(closing)
    return start + left


def when(moment: datetime, now: datetime) -> str:
    """As one says it: "hoje às 14h10", "amanhã às 02h10", "quinta às 02h10", "03/12 às 02h10"."""
    at, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    days = (at.date() - today).days
    clock = f"às {at:%Hh%M}"
    if 0 <= days < WEEK_DAYS:
        return f"{('hoje', 'amanhã')[days] if days < 2 else WEEKDAYS[at.weekday()]} {clock}"
    return f"{at:%d/%m}{'' if at.year == today.year else f'/{at.year}'} {clock}"
