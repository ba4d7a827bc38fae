"""Jobs of all apps, those of the reader's permissions: how many run now, which ran lately."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cnsportal.jobs import ACTIVE, Job, Status
from operators.models import User
from operators.permissions import Permission
from operators.registry import JOB_KINDS, JobKind

LISTED_FOR = timedelta(days=30)
MAX_JOBS = 200  # of each kind: a page for people, no archive


class JobFilter(Enum):
    """What the page may be narrowed to; the value stands in its address."""

    def __init__(self, value: str, label: str, *statuses: Status) -> None:
        self._value_ = value
        self.label = label
        self.statuses = statuses

    RUNNING = "em-andamento", "Em andamento", *ACTIVE
    WAITING = "aguardando", "Aguardando", Status.WAITING
    FAILED = "falharam", "Falharam", Status.FAILED
    OVER = "concluidas", "Concluídas", Status.DONE, Status.CANCELLED


@dataclass(frozen=True, slots=True)
class ListedJob:
    kind: JobKind
    job: Job
    actor: User | None

    @property
    def name(self) -> str:
        return self.kind.name_of(self.job)


def count_active(permissions: Collection[Permission]) -> int:
    """By one query."""
    active = [_jobs(kind).filter(status__in=ACTIVE).values_list("pk") for kind in _kinds(permissions)]
    return active[0].union(*active[1:], all=True).count() if active else 0


def list_jobs(permissions: Collection[Permission], chosen: JobFilter | None = None) -> list[ListedJob]:
    """The newest first; by one query for each kind."""
    listed = [each for kind in _kinds(permissions) for each in _listed(kind, chosen)]
    return sorted(listed, key=lambda each: each.job.queued_at, reverse=True)


def _listed(kind: JobKind, chosen: JobFilter | None) -> Iterable[ListedJob]:
    jobs = _jobs(kind).filter(queued_at__gte=timezone.now() - LISTED_FOR).select_related(kind.requested_by)
    if chosen:
        jobs = jobs.filter(status__in=chosen.statuses)
    for job in jobs.order_by("-queued_at")[:MAX_JOBS]:
        yield ListedJob(kind, job, getattr(job, kind.requested_by))


def _kinds(permissions: Collection[Permission]) -> list[JobKind]:
    return [kind for kind in JOB_KINDS if kind.permission in permissions]


def _jobs(kind: JobKind) -> QuerySet[Any]:
    return kind.model._default_manager.all()
