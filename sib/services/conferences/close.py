"""Closes a conference of which no more is to be applied."""

from django.db import transaction
from django.utils import timezone

from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.models import User
from sib.models import UNDECIDED, CnxStep, ConferenceFile


@transaction.atomic
def close_conference(file: ConferenceFile, *, actor: User) -> bool:
    """End a rehearsed conference as it is: applied as far as it was, or only rehearsed; False when it does not wait."""
    was_applied = file.differences.filter(applied_at__isnull=False).exists()
    waiting = ConferenceFile.objects.filter(pk=file.pk, status__in=UNDECIDED, step=CnxStep.REHEARSED)
    step = CnxStep.APPLIED if was_applied else CnxStep.REHEARSED
    if not waiting.update(status=Status.DONE, step=step, wants_apply=False, finished_at=timezone.now()):
        return False
    left = file.differences.to_apply().count()
    record([Event(EventKind.CNX_CLOSED, "conferencefile", file.pk, actor=actor, data={"left": left})])
    return True
