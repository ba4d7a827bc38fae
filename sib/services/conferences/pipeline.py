"""The pipeline of a conference file: received, staged, rehearsed, applied."""

from collections.abc import Callable, Collection

from django.utils import timezone

from cnsportal.jobs import Status
from operators.models import User
from sib.formats.errors import InvalidSibFile
from sib.models import UNDECIDED, CnxStep, ConferenceFile
from sib.services.conferences.apply import apply_differences
from sib.services.conferences.compare import compare_conference
from sib.services.conferences.revert import revert_conference
from sib.services.conferences.stage import OtherOperatorsFile, stage_records


def request_apply(
    file: ConferenceFile,
    *,
    actor: User | None = None,
    outcomes: Collection[str] | None = None,
    ids: Collection[int] | None = None,
) -> bool:
    """Let a rehearsed conference be applied, or go on being applied, all of it or what is named; False when it is not
    at rest there, or a newer one has come. The caller enqueues or processes it.
    """
    if not is_latest(file):
        return False
    scope = {"outcomes": outcomes, "ids": ids}
    waiting = ConferenceFile.objects.filter(pk=file.pk, status__in=UNDECIDED, step=CnxStep.REHEARSED)
    return bool(
        waiting.update(
            status=Status.QUEUED,
            failure="",
            failure_id="",
            wants_apply=True,
            applied_by=actor,
            apply_scope={name: sorted(chosen) for name, chosen in scope.items() if chosen is not None},
            queued_at=timezone.now(),
        )
    )


def apply_conference(
    file: ConferenceFile, *, actor: User | None = None, outcomes: Collection[str] | None = None
) -> bool:
    """Send a rehearsed file to be applied by a worker; False when it does not wait for that, or has nothing of it."""
    if outcomes is not None and not file.differences.to_apply().filter(outcome__in=outcomes).exists():
        return False
    requested = request_apply(file, actor=actor, outcomes=outcomes)
    if requested:
        file.enqueue()
    return requested


def why_not_applied(file: ConferenceFile) -> str:
    """Why a conference that is to be applied is neither applied nor on the way there; empty where it is."""
    if file.step == CnxStep.APPLIED or (file.is_active and file.wants_apply):
        return ""
    if file.step in {CnxStep.REVERTING, CnxStep.REVERTED}:
        return "Esta conferência foi desfeita e não se aplica de novo. Peça uma nova à ANS."
    if file.is_active:
        return "Esta conferência ainda está sendo lida. Espere o ensaio terminar e peça de novo que ela seja aplicada."
    if file.status == Status.DONE:
        return "Esta conferência foi encerrada sem ser aplicada. Peça uma nova à ANS."
    return why_superseded(file) or "A conferência mudou neste momento. Peça de novo que ela seja aplicada."


def process_conference(run_id: int) -> None:
    """Do what is left to do on the file; safe to start again at any moment, and by two workers at once."""
    files = ConferenceFile.objects.select_related("operator")
    files.perform(run_id, _advance_or_refuse, refusals=(InvalidSibFile, OtherOperatorsFile), keep_alive=True)


def _advance_or_refuse(file: ConferenceFile) -> Status | None:
    try:
        return _advance(file)
    except (InvalidSibFile, OtherOperatorsFile):
        ConferenceFile.objects.filter(pk=file.pk, attempt=file.attempt).update(step=CnxStep.REFUSED)
        raise


def _advance(file: ConferenceFile) -> Status | None:
    """The status to end with; None when the job was taken from us, or is settled."""

    def heartbeat(done: int) -> bool:
        return file.heartbeat(done=done)

    if file.step == CnxStep.REVERTING:
        revert_conference(file, heartbeat)
        return None
    steps: list[tuple[CnxStep, Callable[[ConferenceFile, Callable[[int], bool]], bool]]] = [
        (CnxStep.RECEIVED, stage_records),
        (CnxStep.STAGED, compare_conference),
    ]
    for step, do in steps:
        if file.step == step and not do(file, heartbeat):
            return None
    if file.step == CnxStep.REHEARSED and file.wants_apply and is_latest(file):
        file.heartbeat(done=0, total=file.differences.exclude(deed="").count())
        if not apply_differences(file, heartbeat, file.applied_by):
            return None
    return Status.DONE if file.step == CnxStep.APPLIED else Status.WAITING


def is_latest(file: ConferenceFile) -> bool:
    """Whether no newer conference has come: what an older one says of numbers is no longer what ANS has."""
    return _newer_than(file) is None


def why_superseded(file: ConferenceFile) -> str:
    """That a newer conference has come, and what to do with that one; empty where none has."""
    newer = _newer_than(file)
    return f"Chegou uma conferência mais nova, e esta já não pode ser aplicada. {_way_on(newer)}" if newer else ""


def _newer_than(file: ConferenceFile) -> ConferenceFile | None:
    last = ConferenceFile.objects.latest_mirrored()
    return None if last is None or last.pk == file.pk else last


def _way_on(newer: ConferenceFile) -> str:
    if newer.step in {CnxStep.REVERTING, CnxStep.REVERTED}:
        return "A mais nova foi desfeita: peça outra à ANS."
    if newer.step == CnxStep.APPLIED:
        return "A mais nova já foi aplicada."
    if newer.status == Status.DONE:
        return "A mais nova foi encerrada sem ser aplicada: peça outra à ANS."
    if newer.is_active:
        return "A mais nova está sendo aplicada." if newer.wants_apply else "A mais nova está sendo lida."
    return "Aplique a mais nova." if newer.differences.to_apply().exists() else "A mais nova não tem nada a gravar."
