"""A list written as a file by a job."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.formats.atomic_files import LEFTOVER_SECONDS
from operators.models import AuditEvent, ExportRun
from operators.permissions import Permission
from operators.registry import LIST_EXPORTS, CannotExport, ListExport
from operators.services.exports import (
    FILE_TTL,
    HEARTBEAT_ROWS,
    delete_expired_exports,
    open_export,
    process_export,
    request_export,
)
from operators.tasks import export_list
from tests.csv_tables import csv_rows
from tests.factories import UserFactory


@pytest.fixture
def reader(operator, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    return UserFactory()


@pytest.fixture
def listing(monkeypatch):
    """A list of its own, whose rows a test gives."""

    def make(rows, **options):
        made = ListExport("colours", "Cores", Permission.VIEW_PEOPLE, "operators:dashboard", ("Cor",), rows, **options)
        monkeypatch.setitem(LIST_EXPORTS, made.name, made)
        return made

    return make


def exported(listing, reader, query=None, *, kind="csv", reason=""):
    run = request_export(listing, query or {}, kind=kind, reason=reason, actor=reader)
    process_export(run.pk)
    run.refresh_from_db()
    return run


def test_rows_are_written_and_kept_for_some_days(reader, listing):
    run = exported(listing(lambda _: [["azul"], ["=1+1"], [None]]), reader)

    assert csv_rows(run.path) == [["Cor"], ["azul"], ["'=1+1"], [""]]
    assert (run.status, run.done, run.is_available) == (Status.DONE, 3, True)
    assert abs(run.expires_at - timezone.now() - FILE_TTL) < timedelta(minutes=1)
    assert Path(run.path).stat().st_mode & 0o077 == 0


def test_rows_are_asked_with_the_filters_that_the_list_knows(reader, listing):
    asked = []

    def rows(request):
        asked.append((request.query, request.reader_id, request.in_full))
        return []

    known = listing(rows, filters=("cor",), searches=("busca",))
    exported(known, reader, {"cor": "azul", "busca": "abc", "depois": "7", "outro": "x"}, reason="titular")

    assert asked == [({"cor": "azul", "busca": "abc"}, reader.pk, True)]


def test_the_trail_tells_the_list_its_rows_and_the_reason_but_not_what_was_searched(reader, listing):
    known = listing(lambda _: [["azul"]], filters=("cor",), searches=("busca",))
    run = exported(known, reader, {"cor": "azul", "busca": "abc"}, reason="titular")
    open_export(run, actor=reader).close()

    filters = {"cor": "azul", "busca": "…"}
    data = {"list": "colours", "rows": 1, "format": "csv", "filters": filters, "reason": "titular"}
    told = AuditEvent.objects.order_by("pk").values_list("kind", "subject_id", "actor", "data")
    assert list(told) == [(kind, run.pk, reader.pk, data) for kind in ("list.exported", "list.downloaded")]


def test_a_list_that_cannot_be_written_says_why(reader, listing):
    def rows(_):
        raise CannotExport("A busca expirou.")
        yield

    run = exported(listing(rows), reader)

    assert (run.status, run.failure, run.path) == (Status.FAILED, "A busca expirou.", "")


def test_an_export_that_was_cancelled_leaves_no_file(reader, listing, tmp_path):
    run = request_export(listing(lambda _: cancelling()), {}, kind="csv", actor=reader)

    def cancelling():
        ExportRun.objects.cancel(run.pk)
        yield ["azul"]

    process_export(run.pk)

    run.refresh_from_db()
    assert (run.status, run.path, AuditEvent.objects.count()) == (Status.CANCELLED, "", 0)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_worker_writes_the_file(operator, reader, listing):
    run = request_export(listing(lambda _: [["azul"]]), {}, kind="xlsx", actor=reader)

    export_list.apply(kwargs={"operator_id": operator.pk, "run_id": run.pk}).get()

    run.refresh_from_db()
    assert (run.status, run.done, Path(run.path).suffix) == (Status.DONE, 1, ".xlsx")


def test_an_export_that_another_worker_took_over_ends_without_a_trace(reader, listing):
    run = request_export(listing(lambda _: overtaken()), {}, kind="csv", actor=reader)

    def overtaken():
        ExportRun.objects.filter(pk=run.pk).update(attempt=7)
        for number in range(HEARTBEAT_ROWS):
            yield [number]
        pytest.fail("went on after its attempt was over")

    process_export(run.pk)

    assert AuditEvent.objects.count() == 0


def test_files_that_expired_are_deleted(reader, listing):
    old, new = (exported(listing(lambda _: []), reader) for _ in range(2))
    ExportRun.objects.filter(pk=old.pk).update(expires_at=timezone.now())

    count = delete_expired_exports()

    kept = ExportRun.objects.get(pk=old.pk)
    assert (count, kept.path, kept.is_expired) == (1, "", True)
    assert [Path(run.path).exists() for run in (old, new)] == [False, True]


def test_what_a_killed_process_left_is_deleted(reader, listing):
    run = exported(listing(lambda _: []), reader)
    left, fresh = (Path(run.path).with_name(name) for name in (".9-1.csv.abc.part", "8-1.csv"))
    for path in (left, fresh):
        path.touch()
    ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(left, (ago, ago))
    os.utime(run.path, (ago, ago))

    assert delete_expired_exports() == 1
    assert [path.exists() for path in (left, fresh, Path(run.path))] == [False, True, True]


def test_the_audit_trail_is_exported_newest_first_and_by_kind(reader):
    kinds = (EventKind.POLICY_CHANGED, EventKind.OPERATOR_CHANGED, EventKind.POLICY_CHANGED)
    record(Event(kind, "operator", number, actor=reader) for number, kind in enumerate(kinds))

    run = exported(LIST_EXPORTS["audit"], reader, {"tipo": "operator.policy_changed"})

    assert [row[1:] for row in csv_rows(run.path)] == [
        ["O quê", "Quem", "Sobre", "De onde"],
        ["Política da operadora alterada", str(reader), "operadora 2", ""],
        ["Política da operadora alterada", str(reader), "operadora 0", ""],
    ]
