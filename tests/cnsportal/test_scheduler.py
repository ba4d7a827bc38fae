"""The scheduler goes on sending when the clock goes back, whether it ran meanwhile or was started again."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from celery.schedules import crontab

from cnsportal.scheduler import Scheduler

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERY = 5  # seconds


@pytest.fixture
def app():
    """Celery whole, with a broker in its own memory."""
    with Celery("clock", broker="memory://", set_as_current=False) as app:
        app.conf.beat_schedule = {
            "often": {"task": "often", "schedule": float(EVERY)},
            "hourly": {"task": "hourly", "schedule": crontab(minute="1")},
        }
        app.conf.worker_hijack_root_logger = False
        yield app


@pytest.fixture
def start(app, tmp_path):
    """A scheduler that remembers what those before it have sent."""
    started = []

    def start():
        for earlier in started:
            earlier.close()
        started[:] = [Scheduler(app=app, schedule_filename=str(tmp_path / "scheduler"))]
        return started[0]

    yield start
    started[0].close()


def sent(scheduler, time_machine, begin, seconds):
    """The names of the tasks that a scheduler sends in these seconds."""
    names = []
    for second in range(seconds):
        time_machine.move_to(begin + timedelta(seconds=second), tick=False)
        before = {entry.task: entry.total_run_count for entry in scheduler.schedule.values()}
        while scheduler.tick() == 0:
            pass
        names += [entry.task for entry in scheduler.schedule.values() if entry.total_run_count > before[entry.task]]
    return names


def test_tasks_are_sent_as_often_as_they_are_to_be(start, time_machine):
    time_machine.move_to(NOON, tick=False)

    assert sent(start(), time_machine, NOON, 61).count("often") == 60 // EVERY


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)])
def test_clock_that_was_ahead_silences_nothing_after_a_restart(start, time_machine, jump):
    time_machine.move_to(NOON + jump, tick=False)
    sent(start(), time_machine, NOON + jump, 11)
    time_machine.move_to(NOON, tick=False)

    assert Counter(sent(start(), time_machine, NOON, 70)) == {"often": 69 // EVERY, "hourly": 1}


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)])
def test_clock_that_goes_back_under_way_silences_nothing(start, time_machine, jump):
    time_machine.move_to(NOON + jump, tick=False)
    scheduler = start()
    sent(scheduler, time_machine, NOON + jump, 11)

    assert Counter(sent(scheduler, time_machine, NOON, 70)) == {"often": 69 // EVERY, "hourly": 1}
