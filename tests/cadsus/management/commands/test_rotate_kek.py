"""The key-encryption key changes while the portal runs: nothing is lost, by whom and how often it may be done."""

import base64
import io
import json
import os
import secrets
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings as portal
from django.core.management import call_command
from django.db import connection, connections

from cadsus.models import Credential, EnvironmentName, Exchange, Lookup, LookupReason, Priority
from cadsus.queries.credentials import can_decrypt, open_credential
from cadsus.services import ask_cns, rewrap_credentials, seal_credential, work_queue
from cnsportal.conf import secret_keys
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from tests.cadsus.canned_server import forget_token
from tests.datasus_simulator.fixtures import ask_at, running_simulator
from tests.factories import OperatorFactory, PersonFactory, cns
from tests.paths import ROOT

SIMULATOR = EnvironmentName.SIMULATOR
NEW = secrets.token_bytes(32)


def rotate(*options: str):
    """The figures that the command prints as JSON, whether it refuses or not."""
    out, said = io.StringIO(), ""
    try:
        call_command("rotate_kek", "--json", *options, stdout=out)
    except CommandRefused as refused:
        said = str(refused)
    return json.loads(out.getvalue()), said


def sealed_for(certificate, number=1):
    """As many operators, each with the certificate."""
    operators = OperatorFactory.create_batch(number)
    for operator in operators:
        with operator_context(operator.pk):
            seal_credential(certificate, SIMULATOR)
    return operators


def only_credential(operator):
    with operator_context(operator.pk):
        return Credential.objects.get()


@pytest.mark.django_db
def test_rotate_kek_puts_every_operators_certificates_under_the_current_key(certificate, settings):
    operators = sealed_for(certificate, 3)
    before = [bytes(only_credential(operator).sealed_key) for operator in operators]
    old_id = next(iter(settings.CADSUS_KEKS))
    settings.CADSUS_KEKS = {"2027": NEW, **settings.CADSUS_KEKS}

    figures, said = rotate()

    settings.CADSUS_KEKS = {"2027": NEW}
    after = [only_credential(operator) for operator in operators]
    assert (figures, said) == (
        {
            "current_key": "2027",
            "rewrapped": 3,
            "kept": 0,
            "unopenable": 0,
            "operators_unopenable": [],
            "removable_keys": [old_id],
        },
        "",
    )
    assert [bytes(credential.sealed_key) for credential in after] == before
    assert [open_credential(credential).key for credential in after] == [certificate.key] * 3


@pytest.mark.django_db
def test_rotate_kek_a_second_time_changes_nothing_and_leaves_no_trace(certificate, settings):
    sealed_for(certificate, 2)
    settings.CADSUS_KEKS = {"2027": NEW, **settings.CADSUS_KEKS}
    rotate()
    events = AuditEvent._base_manager.count()

    figures, _ = rotate()

    assert (figures["rewrapped"], figures["kept"]) == (0, 2)
    assert AuditEvent._base_manager.count() == events


@pytest.mark.django_db
def test_rotate_kek_is_on_the_audit_trail_of_each_operator_without_the_key(certificate, settings):
    (operator,) = sealed_for(certificate)
    settings.CADSUS_KEKS = {"2027": NEW, **settings.CADSUS_KEKS}

    rotate()

    with operator_context(operator.pk):
        event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.actor_label, event.subject_id) == ("credentials.rewrapped", "sistema", operator.pk)
    assert event.data == {"count": 1, "key_id": "2027"}


@pytest.mark.django_db
def test_rotate_kek_names_the_operators_whose_certificates_do_not_open(certificate, settings):
    lost, moved, fine = sealed_for(certificate, 3)
    old = dict(settings.CADSUS_KEKS)
    with operator_context(lost.pk):
        Credential.objects.update(key_id="perdida")
    with operator_context(moved.pk):
        Credential.objects.update(environment="production")
    settings.CADSUS_KEKS = {"2027": NEW, **old}

    figures, said = rotate()

    names = sorted([lost.registration, moved.registration])
    assert (figures["rewrapped"], figures["unopenable"], figures["operators_unopenable"]) == (1, 2, names)
    assert figures["removable_keys"] == [], "what was moved is still wrapped by the old key"
    assert said == (
        f"Há certificados ou segredos que não abrem com as chaves deste servidor, das operadoras {', '.join(names)}. "
        "Nada neles mudou: ponha de volta em CADSUS_KEK a chave com que foram lacrados e repita, ou envie de novo os "
        "arquivos dos certificados; para o segredo do webhook, gere outro."
    )
    assert only_credential(fine).key_id == "2027"
    assert {only_credential(lost).key_id, only_credential(moved).key_id} == {"perdida", next(iter(old))}


@pytest.mark.django_db
def test_rotate_kek_passes_over_destroyed_keys(certificate, settings):
    (operator,) = sealed_for(certificate)
    with operator_context(operator.pk):
        Credential.objects.update(key_id="", wrapped_key=b"", sealed_key=b"")

    figures, said = rotate()

    assert (figures["rewrapped"], figures["kept"], figures["unopenable"], said) == (0, 0, 0, "")


@pytest.mark.django_db
def test_generated_key_is_one_that_the_settings_take_and_changes_nothing(certificate, settings):
    (operator,) = sealed_for(certificate)
    before = only_credential(operator).wrapped_key

    lines = [rotate("--generate")[0]["key"] for _ in range(2)]

    parsed = [secret_keys.parse(line) for line in lines]
    assert [len(key) for ring in parsed for key in ring.values()] == [32, 32]
    assert lines[0] != lines[1]
    assert bytes(only_credential(operator).wrapped_key) == bytes(before)


@pytest.mark.django_db
def test_generated_key_has_an_id_that_no_other_has(settings):
    first = secret_keys.parse(rotate("--generate")[0]["key"])
    settings.CADSUS_KEKS = {**first, **settings.CADSUS_KEKS}

    second = secret_keys.parse(rotate("--generate")[0]["key"])

    assert [*second] == [f"{next(iter(first))}-2"]


# ---- at the same time -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_rotations_at_once_rewrap_each_certificate_once(certificate, settings):
    operators = sealed_for(certificate, 6)
    settings.CADSUS_KEKS = {"2027": NEW, **settings.CADSUS_KEKS}
    gate, counts = threading.Barrier(2), []

    def run():
        gate.wait()
        counts.append(rotate()[0])
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    settings.CADSUS_KEKS = {"2027": NEW}
    assert (sum(each["rewrapped"] for each in counts), sum(each["kept"] for each in counts)) == (6, 6)
    assert [can_decrypt(only_credential(operator)) for operator in operators] == [True] * 6


@pytest.mark.django_db(transaction=True)
def test_rotation_killed_half_way_is_finished_by_the_next_one(certificate, settings):
    """A process of its own stops at the lock of one operator's certificates, and is killed there."""
    operators = sealed_for(certificate, 4)
    waited_for = operators[2]
    old_ring = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in settings.CADSUS_KEKS.items())
    ring = f"2027:{base64.b64encode(NEW).decode()},{old_ring}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('credentials', %s))", [waited_for.pk])
    database = portal.DATABASE_URL.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_kek"],
        env={**os.environ, "DATABASE_URL": database, "REDIS_URL": portal.REDIS_URL, "CADSUS_KEK": ring},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and only_credential(operators[1]).key_id != "2027":
            threading.Event().wait(0.05)
        half_way = [only_credential(operator).key_id == "2027" for operator in operators]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    settings.CADSUS_KEKS = secret_keys.parse(ring)

    figures, said = rotate()

    settings.CADSUS_KEKS = {"2027": NEW}
    assert half_way == [True, True, False, False]
    assert (figures["rewrapped"], figures["kept"], said) == (2, 2, "")
    assert [can_decrypt(only_credential(operator)) for operator in operators] == [True] * 4


def known(person):
    return {
        "person": str(person.pk),
        "cpf": person.cpf,
        "cns": cns(person.pk),
        "cns_kind": "D",
        "name": person.name,
        "mother_name": person.mother_name,
        "birth_date": str(person.birth_date),
        "sex": "F",
    }


@pytest.mark.django_db(transaction=True)
def test_rotation_while_the_queue_is_worked_off_loses_no_question(pki, certificate, settings, tmp_path):
    operator = OperatorFactory()
    forget_token(certificate.fingerprint)
    with running_simulator([], tmp_path, pki=pki, latency_ms=50) as simulator, operator_context(operator.pk):
        ask_at(settings, simulator)
        seal_credential(certificate, SIMULATOR)
        people = [PersonFactory() for _ in range(80)]
        simulator.serve([known(person) for person in people])
        ask_cns([person.pk for person in people], reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
        worker = threading.Thread(target=drain, args=(operator,))
        worker.start()
        while Exchange.objects.filter(milliseconds__isnull=False).count() < 5:
            threading.Event().wait(0.01)
        still_open = Lookup.objects.open().exists()

        settings.CADSUS_KEKS = {"2027": NEW, **settings.CADSUS_KEKS}
        result = rewrap_credentials()
        settings.CADSUS_KEKS = {"2027": NEW}  # whoever opens the certificate from now on knows the new key alone
        worker.join()

        assert still_open
        assert (result.rewrapped, result.unopenable) == (1, 0)
        assert set(Lookup.objects.values_list("status", "attached")) == {(Status.DONE, True)}
        assert set(Exchange.objects.values_list("trouble", flat=True)) == {""}


def drain(operator):
    with operator_context(operator.pk):
        for _ in range(100):
            if not Lookup.objects.open().exists():
                break
            work_queue(concurrency=4)
    connections.close_all()
