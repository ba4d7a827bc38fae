import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from cnsportal.jobs import Status
from operators.management.base import CommandRefused
from sib.management.commands import ingest_cnx
from sib.models import ConferenceFile
from sib.services import receive_file
from tests.factories import BeneficiaryFactory, cns
from tests.sib.files import conference, record


def test_command_reports_what_came_of_the_file(operator, tmp_path, capsys):
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)

    call_command("ingest_cnx", str(path), operator=operator.registration, apply=True, json=True)

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["records"], figures["outcomes"], figures["applied"]) == (1, {"CNS_NEW": 1}, 1)
    assert figures["seconds"] > 0
    assert figures["peak_rss_mib"] > 10


def test_command_tells_the_number_that_taking_back_asks_for(operator, tmp_path, capsys):
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)
    call_command("ingest_cnx", str(path), operator=operator.registration, apply=True, json=True)
    number = json.loads(capsys.readouterr().out)["conference"]

    call_command("revert_cnx", str(number), operator=operator.registration, json=True)

    assert json.loads(capsys.readouterr().out)["reverted"] == 1


def test_command_without_apply_rehearses_and_with_it_goes_on(operator, tmp_path, capsys):
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)

    for apply in (False, False, True, True):
        call_command("ingest_cnx", str(path), operator=operator.registration, apply=apply, json=True)

    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["applied"], line["known"]) for line in figures] == [(0, False), (0, True), (1, True), (1, True)]


def test_command_says_why_a_known_conference_is_not_applied(operator, tmp_path, capsys):
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)
    call_command("ingest_cnx", str(path), operator=operator.registration, apply=True)
    call_command("revert_cnx", ConferenceFile.objects.get().pk, operator=operator.registration)

    with pytest.raises(CommandRefused, match="Esta conferência foi desfeita e não se aplica de novo"):
        call_command("ingest_cnx", str(path), operator=operator.registration, apply=True)


def test_command_refuses_another_operators_file(operator, tmp_path):
    path = conference(tmp_path / "a.cnx", registration="123456")

    with pytest.raises(CommandRefused, match="O arquivo é da operadora 123456"):
        call_command("ingest_cnx", str(path), operator=operator.registration)

    assert ConferenceFile.objects.count() == 0


def test_command_takes_over_from_a_worker_that_died(operator, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(ingest_cnx, "POLL_SECONDS", 0)
    path = conference(tmp_path / "a.cnx", record(BeneficiaryFactory(), cns=cns(1)), registration=operator.registration)
    file, _ = receive_file(path, name=path.name, wants_apply=True)
    long_ago = timezone.now() - timedelta(hours=1)
    ConferenceFile.objects.filter(pk=file.pk).update(status=Status.RUNNING, attempt=1, heartbeat_at=long_ago)

    call_command("ingest_cnx", str(path), operator=operator.registration, apply=True, json=True)

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (figures["records"], figures["applied"]) == (1, 1)
