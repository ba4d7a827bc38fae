"""The three ways to define a task, and the recovery of stalled jobs. Every task runs inside one operator's context."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

import structlog
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError

from cnsportal.jobs import concrete_jobs
from operators.context import operator_context
from operators.models import Operator
from operators.services import exports

logger = structlog.get_logger(__name__)


class PortalTask(Task[Any, None]):
    """What the three decorators below make, and nothing else does: a test looks for strangers."""

    abstract = True


def job_task(*, name: str) -> Callable[[Callable[..., None]], PortalTask]:
    """A task about one job of one operator: called with ``operator_id`` and ``run_id``, safe to deliver twice.

    An unexpected exception marks the job failed under an id that the log carries too. A database that went away does
    not: the job keeps its old heartbeat and is sent again when it counts as stalled.
    """

    def register(work: Callable[..., None]) -> PortalTask:
        @shared_task(name=name, base=PortalTask)
        @wraps(work)
        def task(*, operator_id: int, run_id: int) -> None:
            with operator_context(operator_id), structlog.contextvars.bound_contextvars(task=name, run_id=run_id):
                try:
                    work(run_id=run_id)
                except (OperationalError, InterfaceError):
                    raise
                except Exception:
                    failure_id = uuid4().hex[:12]
                    logger.exception("run_failed", failure_id=failure_id)
                    _fail(name, run_id, failure_id)

        return task

    return register


def _fail(task_name: str, run_id: int, failure_id: str) -> None:
    for model in concrete_jobs():
        if model.task_name == task_name:
            model.fail(run_id, failure_id)


def operator_task(*, name: str) -> Callable[[Callable[..., None]], PortalTask]:
    """A task about one operator and no job in particular, harmless when done twice.

    Called with ``operator_id`` and whatever else the task takes: numbers and words that are no personal data.
    """

    def register(work: Callable[..., None]) -> PortalTask:
        @shared_task(name=name, base=PortalTask)
        @wraps(work)
        def task(*, operator_id: int, **arguments: Any) -> None:
            with operator_context(operator_id), structlog.contextvars.bound_contextvars(task=name):
                work(**arguments)

        return task

    return register


def periodic_task(*, name: str) -> Callable[[Callable[[], None]], PortalTask]:
    """A scheduled task, done once inside each operator's context; one operator's trouble does not stop the others."""

    def register(work: Callable[[], None]) -> PortalTask:
        @shared_task(name=name, base=PortalTask, acks_late=False)
        @wraps(work)
        def task() -> None:
            for operator_id in Operator.objects.order_by("pk").values_list("pk", flat=True):
                with operator_context(operator_id), structlog.contextvars.bound_contextvars(task=name):
                    try:
                        work()
                    except Exception:
                        logger.exception("scheduled_task_failed")

        return task

    return register


@periodic_task(name="operators.sweep_runs")
def sweep_runs() -> None:
    """Give stalled jobs to another worker."""
    for model in concrete_jobs():
        if freed := model.recover_stalled():
            logger.info("runs_requeued", model=model._meta.label, count=freed)


@job_task(name="operators.export_list")
def export_list(*, run_id: int) -> None:
    exports.process_export(run_id)


@periodic_task(name="operators.delete_expired_exports")
def delete_expired_exports() -> None:
    if count := exports.delete_expired_exports():
        logger.info("export_files_deleted", count=count)
