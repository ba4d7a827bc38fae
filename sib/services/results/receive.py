"""Receives a result of ANS (RPX): once, read and settled by a worker in one transaction."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from sib.formats.archives import members, packed_size
from sib.formats.cnx.conference import HashState
from sib.formats.errors import InvalidSibFile
from sib.formats.rpx.reader import RejectedFile, RpxResult, Tally, read
from sib.models import Rejection, RpxFile, SbxFile, SbxState
from sib.models import Result as Outcome
from sib.models.answers import RECORD_TYPES
from sib.services.conferences.receive import content_digest, store_upload
from sib.services.conferences.stage import OtherOperatorsFile
from sib.services.results import settle_sql

MAX_ATTEMPTS = 3  # to settle, where somebody gives out one of the CCOs meanwhile
MAX_FINDINGS = 200
MAX_WARNINGS = 20
ANSWERABLE = (SbxState.APPROVED, SbxState.SENT)  # an answer proves that the file was sent
CLOSED = (SbxState.ANSWERED, SbxState.REJECTED)


def receive_rpx(path: Path, *, name: str, actor: User | None = None) -> tuple[RpxFile, bool]:
    """The row of this content, and whether there is anything to do: the same content again is the same row.

    One that could not be settled before is tried again from where it lies now. The caller enqueues or settles it.
    """
    row = {"name": name[:200], "path": str(path.resolve()), "size": packed_size(path), "received_by": actor}
    content = content_digest(path)
    try:
        with transaction.atomic():
            file = RpxFile.objects.create(operator_id=current_operator_id(), digest=content, **row)
            data = {"bytes": file.size}
            record([Event(EventKind.RPX_RECEIVED, "rpxfile", file.pk, actor=actor, data=data)])
    except IntegrityError:
        file = RpxFile.objects.get(digest=content)
        return file, _retry(file, path)
    return file, True


def _retry(file: RpxFile, path: Path) -> bool:
    failed = RpxFile.objects.filter(pk=file.pk, status__in=[Status.FAILED, Status.CANCELLED])
    again = failed.update(status=Status.QUEUED, path=str(path.resolve()), failure="", failure_id="")
    file.refresh_from_db()
    return bool(again)


def submit_rpx(path: Path, *, name: str, actor: User | None = None) -> tuple[RpxFile, bool]:
    """Received and sent to a worker; whether there is anything for it to do."""
    file, is_new = receive_rpx(path, name=name, actor=actor)
    if is_new:
        file.enqueue()
    return file, is_new


def receive_upload(sent: "UploadedFile[Any]", *, actor: User) -> tuple[RpxFile, bool]:
    """What came by browser kept and submitted."""
    path = store_upload([sent])
    file, is_new = submit_rpx(path, name=path.name, actor=actor)
    if not is_new:
        shutil.rmtree(path.parent)
    return file, is_new


def settle_rpx(run_id: int) -> None:
    """Read the result and settle it; safe to start again at any moment, and by two workers at once."""
    files = RpxFile.objects.select_related("operator")
    files.perform(run_id, _settle_until_through, refusals=(InvalidSibFile, OtherOperatorsFile), keep_alive=True)


def _settle_until_through(file: RpxFile) -> None:
    for left in reversed(range(MAX_ATTEMPTS)):
        try:
            with transaction.atomic(), _opened(file) as answer:
                _settle_records(file, answer)
                if not file.finish(Status.DONE):
                    transaction.set_rollback(True)
        except IntegrityError:
            if not left:
                raise
        else:
            return


@contextmanager
def _opened(file: RpxFile) -> Iterator[RpxResult]:
    found = members(Path(file.path))
    if len(found) != 1:
        raise InvalidSibFile(f"São {len(found)} arquivos. Envie um resultado (RPX) por vez.")
    with found[0].open() as stream:
        yield read(stream)


def _settle_records(file: RpxFile, answer: RpxResult) -> None:
    settle_sql.load_rows(answer.rows())
    _check_operator(file, answer)
    _describe(file, answer)
    sbx = SbxFile.objects.select_for_update().filter(name__iexact=answer.sbx_name).first()
    file.sbx = sbx
    if sbx is None:
        file.result = Outcome.UNKNOWN
    elif sbx.state not in ANSWERABLE:
        file.result = Outcome.SUPERFLUOUS
    elif answer.refusal:
        _refuse(file, sbx)
    else:
        _process(file, sbx, answer)
    if file.result in {Outcome.UNKNOWN, Outcome.SUPERFLUOUS}:
        file.counts = _counts({}, settle_sql.count_rejected(), answer.tallies)
        settle_sql.store_rejections(file, reported_before=sbx is not None and sbx.state in CLOSED)
    file.save()
    _record_settled(file)


def _check_operator(file: RpxFile, answer: RpxResult) -> None:
    """By the header, and where it is silent by the name of the update file."""
    registration = answer.registration or answer.sbx_name[:6]
    if registration != file.operator.registration:
        raise OtherOperatorsFile(
            f"O arquivo é da operadora {registration}, e não da {file.operator.registration}. "
            "Confira se escolheu o arquivo certo."
        )


def _describe(file: RpxFile, answer: RpxResult) -> None:
    refusal = answer.refusal or RejectedFile("", "", "")
    file.sbx_name, file.protocol, file.generated_at = answer.sbx_name, answer.protocol, answer.created_at
    file.hash_state = answer.hash_state
    file.refusal_code, file.refusal_reason = refusal.code, refusal.reason
    file.rejected, file.included = answer.rejected, answer.included


# ---- what ANS did ---------------------------------------------------------------------------------------------------


def _refuse(file: RpxFile, sbx: SbxFile) -> None:
    """The whole file counts as not sent."""
    file.result = Outcome.REFUSED
    file.counts = _counts(settle_sql.count_sent(file), {}, {})
    settle_sql.release_movements(file)
    _end(sbx, SbxState.REJECTED, "")


def _process(file: RpxFile, sbx: SbxFile, answer: RpxResult) -> None:
    file.result = Outcome.PROCESSED
    settle_sql.match_movements(file)
    settle_sql.store_rejections(file)
    file.accepted = settle_sql.answer_movements(file)
    findings = settle_sql.give_ccos(file)
    file.findings = findings[:MAX_FINDINGS]
    file.counts = _counts(settle_sql.count_sent(file), settle_sql.count_rejected(), answer.tallies)
    file.warnings = [*_oddities(file, len(findings)), *islice(_disagreements(file, answer), MAX_WARNINGS)]
    _end(sbx, SbxState.ANSWERED, answer.protocol)


def _end(sbx: SbxFile, state: SbxState, protocol: str) -> None:
    now = timezone.now()
    sbx.state, sbx.answered_at, sbx.sent_at, sbx.protocol = state, now, sbx.sent_at or now, protocol or sbx.protocol
    sbx.save(update_fields=["state", "answered_at", "sent_at", "protocol"])


def _record_settled(file: RpxFile) -> None:
    data = {
        "result": file.result,
        "sbx": file.sbx_id,
        "accepted": file.accepted,
        "rejected": file.rejected,
        "included": file.included,
        "findings": len(file.findings),
    }
    record([Event(EventKind.RPX_SETTLED, "rpxfile", file.pk, actor=file.received_by, source=file.origin, data=data)])


# ---- counts and warnings --------------------------------------------------------------------------------------------


def _counts(
    sent: Mapping[str, int], rejected: Mapping[str, int], stated: Mapping[str, Tally]
) -> dict[str, dict[str, object]]:
    """By type of movement: what we sent, what we found rejected, and what the file's summary says."""
    types = [
        kind for kind in RECORD_TYPES if sent.get(kind) or rejected.get(kind) or (kind in stated and stated[kind][0])
    ]
    return {
        kind: {"sent": sent.get(kind, 0), "rejected": rejected.get(kind, 0), "stated": list(stated.get(kind, ()))}
        for kind in types
    }


def _disagreements(file: RpxFile, answer: RpxResult) -> Iterator[str]:
    """Where the file's summary and its records, or what we sent, do not agree."""
    for kind, counted in file.counts.items():
        stated = answer.tallies.get(kind)
        if stated and stated.records != counted["sent"]:
            yield f"{RECORD_TYPES[kind]}: enviamos {counted['sent']}, e o resumo da ANS fala de {stated.records}."
        if stated and stated.rejected != counted["rejected"]:
            yield (
                f"{RECORD_TYPES[kind]}: o resumo da ANS fala de {stated.rejected} recusas, "
                f"e o arquivo traz {counted['rejected']}."
            )
    found = settle_sql.count_errors()
    for code, count in sorted(answer.errors.items()):
        if count != found.get(code, 0):
            yield f"Erro {code}: o resumo da ANS fala de {count}, e o arquivo traz {found.get(code, 0)}."


def _oddities(file: RpxFile, findings: int) -> Iterator[str]:
    if file.hash_state == HashState.DIFFERS:
        yield "O hash no fim do arquivo não confere com o conteúdo: o arquivo pode ter sido alterado no caminho."
    if strangers := settle_sql.count_strangers():
        yield (
            f"Registros recusados que não achamos no arquivo enviado: {strangers}. Confira-os na lista abaixo: "
            "a movimentação deles pode constar como aceita."
        )
    if findings:
        yield f"Inclusões cujo CCO não pôde ser gravado: {findings}. Veja quais e por quê nesta página."


# ---- rejections set aside -------------------------------------------------------------------------------------------


@transaction.atomic
def resolve_rejections(rejection: Rejection, *, actor: User) -> bool:
    """Somebody says that it was resolved in another way; False when it was settled already."""
    pending = Rejection.objects.pending().filter(rpx=rejection.rpx_id, record=rejection.record)
    if not pending.update(resolved_at=timezone.now(), resolved_by=actor):
        return False
    data = {"field": rejection.field_code, "error": rejection.error_code}
    done = Event(EventKind.REJECTION_RESOLVED, "rejection", rejection.pk, rejection.person_id, actor, data=data)
    record([done])
    return True
