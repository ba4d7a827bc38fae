"""Starts, extends and ends pauses, in which the operator asks DATASUS nothing."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cadsus.models import Pause
from cadsus.services.lookups.status_banner import watch_link
from cadsus.services.lookups.worker import wake_queue
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from operators.services.lock_operator import lock_operator


@transaction.atomic
def pause_queue(until: datetime, reason: str, actor: User) -> Pause:
    """Ask nothing until then; where a pause is in force, that one gets the new end."""
    if until <= timezone.now():
        raise ValueError("a pause ends in the future")
    lock_operator()
    end_lapsed_pause()
    environment, operator_id = settings.CADSUS_ENVIRONMENT, current_operator_id()
    pause = _open_pause() or Pause(operator_id=operator_id, environment=environment, paused_by=actor, until=until)
    was = pause.until if pause.pk else None
    pause.until, pause.reason = until, reason
    pause.save()
    data = {"until": until.isoformat(), "environment": environment} | ({"was": was.isoformat()} if was else {})
    record([Event(EventKind.QUEUE_PAUSED, "pause", pause.pk, actor=actor, data=data)])
    transaction.on_commit(watch_link)
    return pause


@transaction.atomic
def resume_queue(actor: User) -> bool:
    """End the pause now; False where there is none (any more)."""
    lock_operator()
    pause = _open_pause()
    if pause is None or pause.until <= timezone.now():
        return False
    _end(pause, timezone.now(), actor)
    return True


@transaction.atomic
def end_lapsed_pause() -> None:
    """Write down the end of a pause whose time is over; the queue goes on without this."""
    pause = _open_pause()
    if pause and pause.until <= timezone.now():
        _end(pause, pause.until, None)


def _end(pause: Pause, at: datetime, actor: User | None) -> None:
    ended = Pause.objects.filter(pk=pause.pk, ended_at=None).update(ended_at=at, ended_by=actor)
    if ended:
        record([Event(EventKind.QUEUE_RESUMED, "pause", pause.pk, actor=actor)])
        transaction.on_commit(watch_link)
        wake_queue()


def _open_pause() -> Pause | None:
    return Pause.objects.filter(environment=settings.CADSUS_ENVIRONMENT, ended_at=None).first()
