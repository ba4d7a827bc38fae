"""The row of a background job: claimed with one UPDATE, kept alive by heartbeats, recovered when they stop.

A worker that was given up for dead and comes back finds that its attempt is over: ``heartbeat`` and ``finish`` name
the attempt they speak for, and a False ends the loop. The same False is the cancel button.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Thread
from typing import ClassVar, Self, TypeVar
from uuid import uuid4

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cnsportal.db.status_choices import StatusChoices

MAX_ATTEMPTS = 5
MAX_RESENT = 1000  # messages at once
INTERRUPTED = "O processamento foi interrompido várias vezes. Tente de novo; se repetir, informe o código ao suporte."
UNEXPECTED = "Erro inesperado. Informe o código ao suporte."


class Status(StatusChoices):
    QUEUED = "QUEUED", "info", "na fila"
    RUNNING = "RUNNING", "accent", "em andamento"
    WAITING = "WAITING", "warn", "aguardando"
    DONE = "DONE", "good", "concluído"
    FAILED = "FAILED", "bad", "falhou"
    CANCELLED = "CANCELLED", "neutral", "cancelado"


ACTIVE = (Status.QUEUED, Status.RUNNING)
OPEN = (*ACTIVE, Status.WAITING)

M = TypeVar("M", bound="Job")


class JobLost(Exception):
    """The attempt is not this worker's any more: the job was cancelled, or given to another worker."""


class JobQuerySet(models.QuerySet[M]):
    def claim(self, pk: int) -> int | None:
        """Take one queued job for oneself; the number of this attempt, None when somebody else was faster."""
        now = timezone.now()
        taken = self.filter(pk=pk, status=Status.QUEUED).update(
            status=Status.RUNNING, attempt=F("attempt") + 1, started_at=now, heartbeat_at=now
        )
        return self.values_list("attempt", flat=True).get(pk=pk) if taken else None

    def perform(
        self,
        pk: int,
        work: Callable[[M], Status | None],
        *,
        refusals: type[Exception] | tuple[type[Exception], ...] = (),
        keep_alive: bool = False,
    ) -> M | None:
        """Claim the job, do the work and finish; the job, or None where another worker was faster.

        The work returns the status to finish with, or None where it finished the job in its own transaction or lost
        it. Of ``refusals`` people read the sentence; any other exception is the caller's. Safe to start again at any
        moment, and by two workers at once, if the work is.

        ``keep_alive`` is for work with long statements. Work in short steps sends its heartbeats between them: a step
        that hangs is then recovered by another worker.
        """
        attempt = self.claim(pk)
        if attempt is None:
            return None
        job = self.get(pk=pk)
        job.attempt = attempt
        try:
            with job.keep_alive() if keep_alive else nullcontext():
                status = work(job)
        except JobLost:
            return job
        except refusals as refusal:
            job.finish(Status.FAILED, str(refusal)[:300])
        else:
            if status:
                job.finish(status)
        return job

    def cancel(self, pk: int) -> bool:
        return bool(self.filter(pk=pk, status__in=OPEN).update(status=Status.CANCELLED, finished_at=timezone.now()))

    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def stalled(self) -> Self:
        """Running by their status, but without a heartbeat for longer than the settings allow."""
        return self.filter(_is_far_from_now("heartbeat_at"), status=Status.RUNNING)

    def exhausted(self) -> Self:
        """Stalled so often that they are given up: poison messages, for which brokers have a dead letter queue."""
        return self.stalled().filter(attempt__gte=MAX_ATTEMPTS)

    def undelivered(self) -> Self:
        """Queued for longer than a message travels: where none waits at the broker, it was lost."""
        return self.filter(_is_far_from_now("queued_at"), status=Status.QUEUED)


def _is_far_from_now(field: str) -> Q:
    """Long ago, or as far ahead: then it was told by a clock that was wrong and is right again."""
    now, patience = timezone.now(), timedelta(seconds=settings.RUN_STALE_SECONDS)
    return Q(**{f"{field}__lt": now - patience}) | Q(**{f"{field}__gt": now + patience})


class Job(models.Model):
    status = models.CharField("situação", max_length=9, choices=Status.choices, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    failure_id = models.CharField(max_length=12, blank=True)

    task_name: ClassVar[str]
    queue: ClassVar[str] = "bulk"

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None

    def enqueue(self, queue: str | None = None) -> None:
        """Send the job's task once the transaction is through. A lost message loses nothing: ``recover_stalled``."""
        message = {"operator_id": self.operator_id, "run_id": self.pk}  # type: ignore[attr-defined]
        send = current_app.send_task
        transaction.on_commit(lambda: send(self.task_name, kwargs=message, queue=queue or self.queue))

    def heartbeat(self, **progress: object) -> bool:
        """Say that the attempt lives, with its progress (``done=``, ``total=``); False when it is not ours any more."""
        return bool(self._claimed().update(heartbeat_at=timezone.now(), **progress))

    def finish(self, status: Status, failure: str = "", **result: object) -> bool:
        """End the attempt, once; False when it is not ours any more."""
        ended = self._claimed().update(status=status, failure=failure, finished_at=timezone.now(), **result)
        return bool(ended)

    def is_still_claimed(self) -> bool:
        return self._claimed().exists()

    def _claimed(self) -> "models.QuerySet[Self]":
        return type(self)._default_manager.filter(pk=self.pk, attempt=self.attempt, status=Status.RUNNING)

    @contextmanager
    def keep_alive(self) -> Iterator[None]:
        """Send heartbeats during statements that take longer than RUN_STALE_SECONDS, by a connection of their own.

        They only show that the process lives; whether the attempt is still ours is for ``heartbeat`` to say.
        """
        stop = Event()
        sender = Thread(target=copy_context().run, args=(self._heartbeat_until, stop), daemon=True)
        sender.start()
        try:
            yield
        finally:
            stop.set()
            sender.join()

    def _heartbeat_until(self, stop: Event) -> None:
        while not stop.wait(settings.RUN_STALE_SECONDS / 4):
            self.heartbeat()
        connection.close()

    @classmethod
    def recover_stalled(cls) -> int:
        """Queue again what stalled or was never delivered; give up after MAX_ATTEMPTS. Returns how many were queued."""
        jobs, now = cls._default_manager, timezone.now()
        exhausted = jobs.exhausted()  # type: ignore[attr-defined]
        exhausted.update(status=Status.FAILED, failure=INTERRUPTED, failure_id=uuid4().hex[:12], finished_at=now)
        idle = list(jobs.stalled())  # type: ignore[attr-defined]
        if not _waiting_messages(cls.queue):  # else the message is only waiting for its turn
            idle += jobs.undelivered()[:MAX_RESENT]  # type: ignore[attr-defined]
        freed = [job for job in idle if job._requeued()]  # noqa: SLF001
        for job in freed:
            job.enqueue()
        return len(freed)

    @classmethod
    def fail(cls, pk: int, failure_id: str) -> None:
        """Mark a running job failed for a reason that only the log tells, under this id."""
        running = cls._default_manager.filter(pk=pk, status=Status.RUNNING)
        running.update(status=Status.FAILED, failure=UNEXPECTED, failure_id=failure_id, finished_at=timezone.now())

    def _requeued(self) -> bool:
        """One conditional UPDATE: of two that recover it, or of one and the worker itself, one wins."""
        unchanged = type(self)._default_manager.filter(
            pk=self.pk, status=self.status, attempt=self.attempt, queued_at=self.queued_at
        )
        return bool(unchanged.update(status=Status.QUEUED, queued_at=timezone.now()))


def concrete_jobs() -> list[type[Job]]:
    return [model for model in apps.get_models() if issubclass(model, Job)]


def _waiting_messages(queue: str) -> int:
    with current_app.connection_for_read() as connection:
        return int(connection.default_channel.client.llen(queue))  # type: ignore[attr-defined]
