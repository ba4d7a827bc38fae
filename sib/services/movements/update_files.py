"""Composes update files of the movements that are ready, and leads them from draft to sent (four-eyes principle)."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Max, Value, When
from django.utils import timezone

from beneficiaries.models import Beneficiary
from operators.audit import Event, EventKind, record
from operators.models import Operator, User
from operators.services.lock_operator import lock_operator
from sib.formats.cnx.writer import Heading
from sib.formats.sbx.writer import (
    ELEMENTS,
    MAX_MOVEMENTS,
    MovementFields,
    WriteSummary,
    file_name,
    write_none,
    write_sbx,
)
from sib.models import Movement, MovementState, SbxFile, SbxKind, SbxState
from sib.models.movements import MovementQuerySet
from sib.services.movements.draft import has_unreported_changes, hold_refused_letters, with_refused_letters

WAITING = {MovementState.HELD: ("retida", "retidas"), MovementState.DRAFT: ("a confirmar", "a confirmar")}
"""Movements that wait for somebody: what the page calls one, and several."""
NOTHING_CHANGED, NO_BENEFICIARIES = "62", "61"
BATCH_SIZE = 2_000  # movements read at once


class NotAllowed(Exception):
    """The step cannot be taken: one sentence for the user."""


def compose_files(competence: date, *, actor: User | None = None) -> list[SbxFile]:
    """Every movement that is ready, in the order in which ANS wants them, in files of up to ``sbx.MAX_MOVEMENTS``.

    Where there is none: one file that says so, once for a month; never while one is held. Raises NotAllowed.
    """
    hold_refused_letters()  # by itself: they stay held where nothing is composed
    return _composed(competence, actor)


@transaction.atomic
def _composed(competence: date, actor: User | None) -> list[SbxFile]:
    operator = lock_operator()  # one at a time
    ready = _in_order(Movement.objects.free())
    files: list[SbxFile] = []
    while pks := list(
        ready.select_for_update(of=("self",)).values_list("pk", flat=True)[:MAX_MOVEMENTS]
    ):  # none set aside now
        file = _new_file(operator, competence.replace(day=1), actor)
        Movement.objects.filter(pk__in=pks).update(file=file)
        _write(file, operator)
        files.append(file)
    return files or [_no_movement(operator, competence.replace(day=1), actor)]


def _in_order(movements: MovementQuerySet) -> MovementQuerySet:
    """By type as in sbx.ELEMENTS, holders before their dependants."""
    place = Case(*(When(type=kind, then=Value(at)) for at, kind in enumerate(ELEMENTS)))
    is_dependant = Case(When(beneficiary__relationship="1", then=Value(0)), default=Value(1))
    ordered: MovementQuerySet = movements.order_by(place, is_dependant, "pk")
    return ordered


def _no_movement(operator: Operator, month: date, actor: User | None) -> SbxFile:
    here = SbxFile.objects.filter(competence=month).exclude(state__in=[SbxState.DISCARDED, SbxState.REJECTED])
    if here.exists():
        raise NotAllowed(f"Não há movimentações prontas, e a competência {month:%m/%Y} já tem arquivo.")
    _refuse_silence()
    reason = NOTHING_CHANGED if Beneficiary.objects.active().exists() else NO_BENEFICIARIES
    file = _new_file(operator, month, actor, kind=SbxKind.NO_MOVEMENT, reason=reason)
    _write(file, operator)
    return file


def _refuse_silence() -> None:
    """Whoever holds something back may not tell ANS that nothing changed. Raises NotAllowed."""
    counts = Counter(Movement.objects.filter(file=None).values_list("state", flat=True))
    if waiting := waiting_words(counts):
        raise NotAllowed(
            f"Em Movimentações há {waiting}: enquanto esperam, não se pode dizer à ANS que nada mudou. "
            "Corrija o cadastro e levante de novo, confirme ou descarte."
        )
    if counts[MovementState.READY]:
        raise NotAllowed("Há movimentações prontas: descarte este arquivo e componha outro, que as leve à ANS.")
    if has_unreported_changes():
        raise NotAllowed("O cadastro tem o que contar à ANS. Levante as movimentações e tente de novo.")


def waiting_words(counts: Mapping[str, int]) -> str:
    """Of movements in no file, by state, those that wait: ``13 retidas e 2 a confirmar``; blank where none does."""
    waiting = [(counts.get(state, 0), words) for state, words in WAITING.items()]
    return " e ".join(f"{count} {words[count > 1]}" for count, words in waiting if count)


def _new_file(operator: Operator, month: date, actor: User | None, **fields: Any) -> SbxFile:
    last = SbxFile.objects.aggregate(last=Max("sequence"))["last"] or 0
    name = file_name(operator.registration, _free_moment(operator))
    return SbxFile.objects.create(
        operator=operator, competence=month, sequence=last + 1, name=name, created_by=actor, **fields
    )


def _free_moment(operator: Operator) -> datetime:
    """Now, or the first second after that which no file of the operator has."""
    moment = timezone.localtime().replace(microsecond=0, tzinfo=None)
    taken = set(SbxFile.objects.values_list("name", flat=True))
    while file_name(operator.registration, moment) in taken:
        moment += timedelta(seconds=1)
    return moment


def _write(file: SbxFile, operator: Operator) -> None:
    """The content on the disk, whole or not at all, and what it is on the row."""
    path: Path = settings.OUTBOX_DIR / operator.registration / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    moment = datetime.strptime(file.name[6:20], "%Y%m%d%H%M%S")  # noqa: DTZ007  (the SIB knows no zones)
    heading = Heading(operator.registration, file.sequence, moment.isoformat())
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        part.chmod(0o600)
        written = _written(stream, heading, file)
    part.rename(path)
    file.path, file.size, file.sha256 = str(path), path.stat().st_size, _sha256(path)
    file.count, file.sib_hash = written.count, written.sib_hash
    file.save(update_fields=["path", "size", "sha256", "count", "sib_hash"])
    data = {"name": file.name, "movements": file.count, "competence": file.competence.isoformat()}
    record([Event(EventKind.SBX_COMPOSED, "sbxfile", file.pk, actor=file.created_by, data=data)])


def _written(stream: Any, heading: Heading, file: SbxFile) -> WriteSummary:
    if file.kind == SbxKind.NO_MOVEMENT:
        return write_none(stream, heading, file.reason)
    return write_sbx(stream, heading, _movements(file))


def _movements(file: SbxFile) -> Iterator[MovementFields]:
    rows = _in_order(Movement.objects.filter(file=file))
    for kind, cco, fields in rows.values_list("type", "cco", "fields").iterator(chunk_size=BATCH_SIZE):
        yield MovementFields(kind, cco, fields)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# ---- from draft to sent ---------------------------------------------------------------------------------------------


@transaction.atomic
def approve_file(file: SbxFile, *, actor: User | None = None) -> None:
    """By somebody else than who composed it. Raises NotAllowed."""
    held = SbxFile.objects.select_for_update().get(pk=file.pk)
    if actor and held.created_by_id == actor.pk:
        raise NotAllowed("Quem compôs o arquivo não o aprova. Peça a outra pessoa que confira e aprove.")
    if held.kind == SbxKind.NO_MOVEMENT:
        _refuse_silence()
    if with_refused_letters(Movement.objects.filter(file=held)).exists():
        raise NotAllowed(
            "O arquivo leva CNPJ com letras, que a ANS ainda não recebe: ela o recusaria inteiro. "
            "Descarte este arquivo e componha outro."
        )
    _step(held, [SbxState.DRAFT], SbxState.APPROVED, EventKind.SBX_APPROVED, actor, approved_by=actor)


@transaction.atomic
def mark_sent(file: SbxFile, *, actor: User | None = None) -> None:
    """It was handed to ANS (PTA); its movements wait for the answer. Raises NotAllowed."""
    held = SbxFile.objects.select_for_update().get(pk=file.pk)
    _step(held, [SbxState.APPROVED], SbxState.SENT, EventKind.SBX_SENT, actor, sent_by=actor)
    Movement.objects.filter(file=held).update(state=MovementState.SENT)


@transaction.atomic
def discard_file(file: SbxFile, *, actor: User | None = None) -> None:
    """It will not be sent; its movements are free again, for the next one. Raises NotAllowed."""
    held = SbxFile.objects.select_for_update().get(pk=file.pk)
    states = [SbxState.DRAFT, SbxState.APPROVED]
    _step(held, states, SbxState.DISCARDED, EventKind.SBX_DISCARDED, actor, discarded_by=actor)
    Movement.objects.filter(file=held).update(file=None)


def _step(
    file: SbxFile, wanted: list[SbxState], state: SbxState, kind: EventKind, actor: User | None, **fields: Any
) -> None:
    if file.state not in wanted:
        raise NotAllowed(f"O arquivo está {file.get_state_display()}, e este passo não cabe mais.")
    now = {f"{state.lower()}_at": timezone.now()}
    SbxFile.objects.filter(pk=file.pk).update(state=state, **now, **fields)
    record([Event(kind, "sbxfile", file.pk, actor=actor, data={"name": file.name})])


def copy_file(file: SbxFile, folder: Path) -> Path:
    """The file as it was written, under its name."""
    return Path(shutil.copyfile(file.path, folder / file.name))


# ---- one movement ---------------------------------------------------------------------------------------------------


@transaction.atomic
def set_movements_aside(movement: Movement, *, actor: User) -> None:
    """It is not reported to ANS, and not drafted again while it says the same. Raises NotAllowed."""
    _decide(movement, [MovementState.DRAFT, MovementState.HELD, MovementState.READY], MovementState.DISCARDED, actor)


@transaction.atomic
def restore_movements(movement: Movement, *, actor: User) -> None:
    """What was set aside may be drafted again. Raises NotAllowed."""
    _decide(movement, [MovementState.DISCARDED], None, actor)


@transaction.atomic
def confirm_cancellation(movement: Movement, day: date, reason: str, *, actor: User) -> None:
    """The cancellation of somebody whom only ANS knows, which no rule may decide. Raises NotAllowed."""
    fields = {"dataCancelamento": day.isoformat(), "motivoCancelamento": reason}
    Movement.objects.filter(pk=movement.pk).update(fields=fields)
    _decide(movement, [MovementState.DRAFT], MovementState.READY, actor)


def _decide(movement: Movement, wanted: list[MovementState], state: MovementState | None, actor: User) -> None:
    loose = Movement.objects.select_for_update().filter(pk=movement.pk, file=None, state__in=wanted)
    if not loose.exists():
        raise NotAllowed("A movimentação mudou enquanto você decidia. Confira-a de novo.")
    if state is None:
        loose.delete()
    else:
        Movement.objects.filter(pk=movement.pk).update(state=state)
    data = {"type": movement.type, "state": str(state or "LIFTED")}
    record([Event(EventKind.MOVEMENT_DECIDED, "movement", movement.pk, movement.person_id, actor, data=data)])
