"""A CNX file brought into the staging table by COPY, in batches of constant memory."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q

from beneficiaries.names import fold
from cnsportal.runs import ACTIVE
from sib.cnx import read
from sib.models import CnxRow, ConferenceFile, Step
from sib.records import CnxRecord

BATCH = 5_000  # records; some 2 MiB of text


class NotOurs(Exception):
    """The file is for another operator: one sentence."""


def stage(file: ConferenceFile, beat: Callable[[int], bool]) -> bool:
    """Read the file into staging, from the beginning; False when ``beat`` says that the run is no longer ours.

    Raises sib.cnx.NotCnx or NotOurs, after which nothing of the file is staged.
    """
    _clear(file)
    try:
        if not _copy(file, beat):
            return False
    except Exception:
        _clear(file)
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {CnxRow._meta.db_table}")  # the planner has not seen this file yet
    file.step = Step.STAGED
    file.save(
        update_fields=["step", "registration", "sequence", "generated_at", "hash_state", "records", "with_issues"]
    )
    return True


def _copy(file: ConferenceFile, beat: Callable[[int], bool]) -> bool:
    with Path(file.path).open("rb") as stream:
        conference = read(stream)
        header = conference.header
        if not header.registration:
            raise NotOurs("O arquivo não diz de qual operadora é. Peça a conferência à ANS de novo.")
        if header.registration != file.operator.registration:
            raise NotOurs(
                f"O arquivo é da operadora {header.registration}, e não da {file.operator.registration}. "
                "Confira se escolheu o arquivo certo."
            )
        file.registration, file.sequence, file.generated_at = (
            header.registration,
            header.sequence[:20],
            header.created_at[:40],
        )
        file.records = file.with_issues = 0
        records = conference.records()
        while batch := list(islice(records, BATCH)):
            _copy_batch(file, batch)
            if not beat(file.records):
                return False
        file.hash_state = conference.hash_state
    return True


def _copy_batch(file: ConferenceFile, batch: Sequence[CnxRecord]) -> None:
    first = file.records + 1
    text = io.StringIO("".join(_lines(file, first, batch)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(_COPY, text)
    file.records += len(batch)
    file.with_issues += sum(bool(record.issues) for record in batch)


def _lines(file: ConferenceFile, first: int, batch: Iterable[CnxRecord]) -> Iterator[str]:
    """Staging rows as COPY reads them; an empty field is NULL to the columns of dates and JSON, "" to those of text."""
    for position, record in enumerate(batch, start=first):
        head = f"{file.operator_id}\t{file.pk}\t{position}\t{fold(record.nome)}\t{record.line}\t"
        issues = json.dumps(record.issues, ensure_ascii=False) if record.issues else ""
        texts = "\t".join((*record[1:-1], issues))
        if texts.count("\t") != _SEPARATORS or _CONTROLS.search(texts):
            texts = "\t".join(_CONTROLS.sub(" ", text).replace("\t", " ") for text in (*record[1:-1], issues))
        yield f"{head}{texts}\n"


_SEPARATORS = len(CnxRecord._fields) - 2
_CONTROLS = re.compile(r"[\x00\x01\n\r]")  # what would end a row or a field, or quote it
_NULLABLE = [name for name in CnxRecord._fields if name.startswith("data_") or name in {"outros", "issues"}]
_COLUMNS = ("operator_id", "file_id", "position", "name_key", *CnxRecord._fields)
_TEXTS = [name for name in _COLUMNS if name not in {*_NULLABLE, "operator_id", "file_id", "position", "line"}]
_COPY = (
    f"COPY {CnxRow._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN "
    f"WITH (FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01', FORCE_NOT_NULL ({', '.join(_TEXTS)}))"
)


def _clear(file: ConferenceFile) -> None:
    """Drop what is staged of this file, and of those that are over, which nobody reads any more."""
    over = ConferenceFile.objects.exclude(status__in=ACTIVE).values("pk")
    CnxRow.objects.filter(operator=file.operator).filter(Q(file=file) | Q(file__in=over)).delete()
