import re

import pytest
from celery import current_app
from django.conf import settings
from django.db import OperationalError

from operators.context import NoOperatorContext, current_operator_id
from operators.tasks import PortalTask, job_task, periodic_task
from tests.factories import OperatorFactory

seen = []


@job_task(name="tests.remember")
def remember(*, run_id):
    seen.append((current_operator_id(), run_id))


@job_task(name="tests.lose_the_database")
def lose_the_database(*, run_id):
    raise OperationalError


@periodic_task(name="tests.visit")
def visit():
    seen.append(current_operator_id())
    if len(seen) == 1:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def forget():
    seen.clear()


def test_a_job_task_runs_inside_its_operator(db):
    operator = OperatorFactory()

    remember.apply(kwargs={"operator_id": operator.pk, "run_id": 7}).get()

    assert seen == [(operator.pk, 7)]
    with pytest.raises(NoOperatorContext):
        current_operator_id()


def test_a_job_task_lets_a_lost_database_reach_the_broker(db):
    with pytest.raises(OperationalError):
        lose_the_database.apply(kwargs={"operator_id": OperatorFactory().pk, "run_id": 7}).get()


def test_a_periodic_task_visits_every_operator_whatever_happens_to_one(db):
    operators_ = OperatorFactory.create_batch(3)

    visit.apply().get()

    assert seen == [operator.pk for operator in operators_]


def test_every_task_is_made_by_the_three_decorators():
    current_app.loader.import_default_modules()
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith(("celery.", "tests."))}

    assert [name for name, task in ours.items() if not isinstance(task, PortalTask)] == []
    assert [name for name in ours if not re.fullmatch(r"[a-z]+\.[a-z_]+", name)] == []


def test_every_scheduled_entry_names_a_task_that_exists():
    current_app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(current_app.tasks) == set()
