"""Update files as if they had been sent, and what ANS answers to them."""

import io
from datetime import date

from django.utils import timezone

from sib.formats.cnx.writer import Heading
from sib.formats.rpx.reader import Included, Rejected, RejectedFile
from sib.formats.rpx.writer import RpxContent, write_rpx
from sib.models import Movement, MovementState, SbxFile, SbxState
from sib.services.results.receive import receive_rpx, settle_rpx

PROTOCOL = "00000000000000000517"


def sent_file(operator, *, sequence=1, state=SbxState.SENT, **changes):
    """An update file of this operator that waits for its answer."""
    name = f"{operator.registration}202611231015{sequence:02d}.SBX"
    given = {"competence": date(2026, 11, 1), "sequence": sequence, "name": name, "state": state}
    return SbxFile.objects.create(operator=operator, **({"sent_at": timezone.now()} | given | changes))


def sent_movement(file, link, kind="2", **changes):
    """A movement about a link, in the file; inclusões go by code, the others by CCO."""
    given = {
        "type": kind,
        "person": link.person if link else None,
        "beneficiary": link,
        "cco": (link.cco or "") if link and kind != "1" else "",
        "code": link.code if link else "",
        "fields": {"cns": "1"},
        "state": MovementState.SENT,
    }
    return Movement.objects.create(operator=file.operator, file=file, **(given | changes))


def rejected(movement, record=1, **changes):
    given = {
        "record": record,
        "line": 0,
        "movement": movement.type,
        "cco": movement.cco,
        "code": "" if movement.cco else movement.code,
        "field_code": "07",
        "field_name": "CNS",
        "value": "200000005170004",
        "error_code": "0799",
        "message": "MENSAGEM FICTICIA SOBRE O CNS",
    }
    return Rejected(**(given | changes))


def included(movement, cco, **changes):
    return Included(**({"line": 0, "code": movement.code.zfill(30), "cco": cco, "name": "FULANA"} | changes))


def processed(path, file, *, rejections=(), inclusions=(), sent=None, registration=None, sequence=7):
    """Write the answer that ANS gives after processing the file; its path."""
    counts = sent
    if counts is None:
        counts = {}
        for kind in Movement.objects.filter(file=file).values_list("type", flat=True):
            counts[kind] = counts.get(kind, 0) + 1
    return written(path, RpxContent(file.name, PROTOCOL, counts, rejections, inclusions), file, registration, sequence)


def refused(path, file, code="20", reason="HASH INVALIDO"):
    return written(path, (file.name, RejectedFile(code, reason, "2026-11-24T10:20:00")), file)


def written(path, answer, file, registration=None, sequence=7):
    stream = io.BytesIO()
    heading = Heading(registration or file.operator.registration, sequence, "2026-11-25T02:00:00")
    write_rpx(stream, heading, answer)
    path.write_bytes(stream.getvalue())
    return path


def settled(path, actor=None):
    """The answer received and brought home."""
    file, _ = receive_rpx(path, name=path.name, actor=actor)
    settle_rpx(file.pk)
    file.refresh_from_db()
    return file
