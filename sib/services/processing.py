"""A conference file from the first byte to the registry: received once, staged, rehearsed, applied."""

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from cnsportal.runs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from sib.cnx import NotCnx
from sib.models import ConferenceFile, Step
from sib.services.applying import apply
from sib.services.comparing import compare
from sib.services.reverting import revert
from sib.services.staging import NotOurs, stage


def receive(path: Path, *, name: str, wants_apply: bool, actor: User | None = None) -> tuple[ConferenceFile, bool]:
    """The row of this content, and whether it is new; the same content again is the same row."""
    digest = _sha256(path)
    try:
        with transaction.atomic():
            file = ConferenceFile.objects.create(
                operator_id=current_operator_id(),
                name=name,
                path=str(path.resolve()),
                sha256=digest,
                size=path.stat().st_size,
                received_by=actor,
                wants_apply=wants_apply,
            )
            data = {"bytes": file.size}
            record([Event(EventKind.CNX_RECEIVED, "conferencefile", file.pk, actor=actor, data=data)])
    except IntegrityError:
        return ConferenceFile.objects.get(sha256=digest), False
    return file, True


def retry(file: ConferenceFile, path: Path) -> None:
    """Take a file that was refused or failed up again, from where it lies now."""
    again = ConferenceFile.objects.filter(pk=file.pk, status__in=[Status.FAILED, Status.CANCELLED])
    again.exclude(step=Step.REVERTING).update(
        status=Status.QUEUED, step=Step.RECEIVED, path=str(path.resolve()), failure="", failure_id=""
    )


def forget_refused(file: ConferenceFile) -> None:
    """Drop the row of a refused file, of which nothing is staged; the trail keeps that it was received."""
    ConferenceFile.objects.filter(pk=file.pk, step=Step.REFUSED).delete()


def request_apply(
    file: ConferenceFile,
    *,
    actor: User | None = None,
    outcomes: Collection[str] | None = None,
    ids: Collection[int] | None = None,
) -> bool:
    """Let a rehearsed conference be applied, all of it or what is named; False when it does not wait for that, or a
    newer one has come. The caller enqueues or processes it.
    """
    if not is_latest(file):
        return False
    scope = {"outcomes": outcomes, "ids": ids}
    waiting = ConferenceFile.objects.filter(pk=file.pk, status=Status.WAITING, step=Step.REHEARSED)
    return bool(
        waiting.update(
            status=Status.QUEUED,
            wants_apply=True,
            applied_by=actor,
            apply_scope={name: sorted(chosen) for name, chosen in scope.items() if chosen is not None},
            queued_at=timezone.now(),
        )
    )


def apply_conference(file: ConferenceFile, *, actor: User) -> bool:
    """Send a rehearsed file to be applied by a worker; False when it does not wait for that."""
    requested = request_apply(file, actor=actor)
    if requested:
        file.enqueue()
    return requested


def process(run_id: int) -> None:
    """Do what is left to do on the file; safe to start again at any moment, and by two workers at once."""
    attempt = ConferenceFile.objects.claim(run_id)
    if attempt is None:
        return
    file = ConferenceFile.objects.select_related("operator").get(pk=run_id)
    try:
        with file.pulse():
            status = _advance(file, attempt)
    except (NotCnx, NotOurs) as refusal:
        ConferenceFile.objects.filter(pk=run_id, attempt=attempt).update(step=Step.REFUSED)
        ConferenceFile.objects.settle(run_id, attempt, Status.FAILED, str(refusal)[:300])
    else:
        if status:
            ConferenceFile.objects.settle(run_id, attempt, status)


def _advance(file: ConferenceFile, attempt: int) -> Status | None:
    """The status to end with; None when the run was taken from us, or is settled."""

    def beat(done: int) -> bool:
        return ConferenceFile.objects.beat(file.pk, attempt, done=done)

    if file.step == Step.REVERTING:
        revert(file, beat)
        return None
    steps: list[tuple[Step, Callable[[ConferenceFile, Callable[[int], bool]], bool]]] = [
        (Step.RECEIVED, stage),
        (Step.STAGED, compare),
    ]
    for step, do in steps:
        if file.step == step and not do(file, beat):
            return None
    if file.step == Step.REHEARSED and file.wants_apply and is_latest(file):
        ConferenceFile.objects.beat(file.pk, attempt, done=0, total=file.differences.exclude(deed="").count())
        if not apply(file, beat, file.applied_by):
            return None
    return Status.DONE if file.step == Step.APPLIED else Status.WAITING


def is_latest(file: ConferenceFile) -> bool:
    """Whether no newer conference has come: what an older one says of numbers is no longer what ANS has."""
    last = ConferenceFile.objects.filter(mirrored_at__isnull=False).order_by("mirrored_at").last()
    return last is None or last.pk == file.pk


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
