import secrets
from datetime import datetime, timedelta

import pytest
from django.core import serializers
from django.db import IntegrityError, transaction
from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.models import Credential, CredentialState, EnvironmentName
from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.pki.icp_brasil import read_certificate
from cadsus.queries.credentials import open_credential
from cadsus.services import credential_in_use, receive_credential, seal_credential
from datasus_simulator.pki import TestPki
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import OperatorFactory, UserFactory

CNPJ = cnpj_from_base("112223330001")
SIMULATOR = EnvironmentName.SIMULATOR


@pytest.fixture(scope="module")
def next_certificate(pki):
    """The one that comes after ``certificate``."""
    return read_certificate(
        pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x"), "x", cnpj=CNPJ, now=timezone.now()
    )


@pytest.fixture
def certificate(certificate, operator):
    """The operator's, in whose context the test runs."""
    return certificate


def trouble_of(work, *arguments: object):
    with pytest.raises(GatewayError) as error:
        work(*arguments)
    return error.value.trouble


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "actor_label"))


def test_seal_credential_keeps_what_may_be_shown(certificate, operator):
    credential = seal_credential(certificate, SIMULATOR, actor=UserFactory(first_name="Ana", last_name="Lima"))

    credential.refresh_from_db()
    assert (credential.operator_id, credential.environment, credential.state) == (operator.pk, "simulator", "ACTIVE")
    assert (credential.holder, credential.cnpj, credential.kind) == ("Operadora Exemplo", CNPJ, "A1")
    assert (credential.fingerprint, credential.serial) == (certificate.fingerprint, certificate.serial)
    assert credential.not_after == certificate.not_after
    assert events() == [("credential.sealed", "Ana Lima"), ("credential.activated", "Ana Lima")]


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-11-25T00:01-03:00", 1),
        ("2026-11-25T23:59-03:00", 1),
        ("2026-11-26T00:01-03:00", 0),
        ("2026-11-26T09:59-03:00", 0),
        ("2026-11-26T10:01-03:00", -1),
    ],
)
def test_days_left_are_those_of_the_calendar(now, left, time_machine):
    time_machine.move_to(datetime.fromisoformat(now))

    assert Credential(not_after=datetime.fromisoformat("2026-11-26T10:00-03:00")).days_left == left


def test_seal_credential_opens_again_for_the_gateway(certificate):
    credential = seal_credential(certificate, SIMULATOR)

    opened = open_credential(Credential.objects.get(pk=credential.pk))

    assert (opened.fingerprint, opened.chain, opened.key) == (
        certificate.fingerprint,
        certificate.chain,
        certificate.key,
    )


def test_seal_credential_leaves_the_key_nowhere_in_clear(certificate):
    credential = seal_credential(certificate, SIMULATOR)

    row = serializers.serialize("json", [credential]) + str(AuditEvent.objects.values()) + repr(vars(credential))
    needles = {repr(certificate.key[start : start + 12])[2:-1] for start in range(100, 1000, 100)}
    assert certificate.key not in bytes(credential.sealed_key)
    assert [needle for needle in needles if needle in row] == []


def test_seal_credential_is_idempotent(certificate):
    first = seal_credential(certificate, SIMULATOR)

    assert seal_credential(certificate, SIMULATOR) == first
    assert (Credential.objects.count(), len(events())) == (1, 2)


def states():
    return list(Credential.objects.order_by("pk").values_list("pk", "state"))


def test_seal_credential_lets_the_next_certificate_wait_for_its_turn(certificate, next_certificate):
    old = seal_credential(certificate, SIMULATOR)
    new = seal_credential(next_certificate, SIMULATOR)

    assert credential_in_use("simulator") == old
    assert states() == [(old.pk, "ACTIVE"), (new.pk, "STAGED")]


def test_seal_credential_uses_the_next_certificate_at_once_where_the_last_has_ended(certificate, next_certificate):
    old = seal_credential(certificate, SIMULATOR)
    Credential.objects.update(not_after=timezone.now() - timedelta(minutes=1))

    new = seal_credential(next_certificate, SIMULATOR)

    assert states() == [(old.pk, "RETIRED"), (new.pk, "ACTIVE")]


def test_seal_credential_twice_leaves_the_next_one_waiting(certificate, next_certificate):
    seal_credential(certificate, SIMULATOR)
    new = seal_credential(next_certificate, SIMULATOR)
    trail = events()

    assert seal_credential(next_certificate, SIMULATOR) == new
    assert (new.state, events()) == ("STAGED", trail)


def test_seal_credential_puts_the_new_certificate_in_the_place_of_the_old_when_told_so(certificate, next_certificate):
    old = seal_credential(certificate, SIMULATOR)
    new = seal_credential(next_certificate, SIMULATOR, activate=True)

    assert credential_in_use("simulator") == new
    assert states() == [(old.pk, "RETIRED"), (new.pk, "ACTIVE")]


def test_seal_credential_uses_nothing_when_told_so(certificate):
    seal_credential(certificate, SIMULATOR, activate=False)

    assert trouble_of(credential_in_use, "simulator") is ErrorKind.NO_CREDENTIAL


def test_seal_credential_brings_an_old_certificate_back(certificate, next_certificate):
    old = seal_credential(certificate, SIMULATOR)
    seal_credential(next_certificate, SIMULATOR, activate=True)

    assert seal_credential(certificate, SIMULATOR, activate=True) == old
    assert credential_in_use("simulator") == old


def test_seal_credential_lets_a_replaced_certificate_wait_again(certificate, next_certificate):
    old = seal_credential(certificate, SIMULATOR)
    new = seal_credential(next_certificate, SIMULATOR, activate=True)

    seal_credential(certificate, SIMULATOR)

    assert states() == [(old.pk, "STAGED"), (new.pk, "ACTIVE")]


@pytest.mark.parametrize("activate", [None, True])
def test_seal_credential_opens_a_lock_that_lost_its_key(certificate, settings, activate):
    credential = seal_credential(certificate, SIMULATOR)
    Credential.objects.update(failed_step="CERTIFICATE", tested_at=timezone.now())
    settings.CADSUS_KEKS = {"outra": secrets.token_bytes(32)}

    again = seal_credential(certificate, SIMULATOR, activate=activate)

    assert (again, again.state, again.failed_step, again.key_id) == (credential, "ACTIVE", "", "outra")
    assert open_credential(again).key == certificate.key


# ---- files ----------------------------------------------------------------------------------------------------------


def file_of(pki, cnpj=CNPJ, **variant):
    return pki.issue_ecnpj(cnpj=cnpj, legal_name="Operadora Exemplo", password="x", **variant)


def trail():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "subject", "data"))


def test_receive_credential_keeps_and_uses_the_first(pki, operator):
    credential = receive_credential(file_of(pki, operator.cnpj), "x", SIMULATOR)

    assert (credential.cnpj, credential.state) == (operator.cnpj, "ACTIVE")


@pytest.mark.parametrize(
    ("variant", "password", "reason"),
    [
        ({}, "outra", "WRONG_PASSWORD"),
        ({"cnpj": cnpj_from_base("445556660001")}, "x", "OTHER_CNPJ"),
        ({"chain": False}, "x", "BROKEN_CHAIN"),
        ({"valid_from": timezone.now() + timedelta(days=2)}, "x", "NOT_YET_VALID"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_receive_credential_keeps_of_a_refused_file_nothing_but_the_reason(pki, operator, variant, password, reason):
    data = file_of(pki, **{"cnpj": operator.cnpj, **variant})

    with pytest.raises(RefusedCertificate):
        receive_credential(data, password, SIMULATOR)

    assert Credential.objects.count() == 0
    assert trail() == [("credential.refused", "operator", {"environment": "simulator", "reason": reason})]


@pytest.fixture
def roots(pki, tmp_path, settings):
    """The authorities of the tests, as those that the server knows."""
    settings.CADSUS_CLIENT_ROOTS = tmp_path / "icp-brasil.pem"
    settings.CADSUS_CLIENT_ROOTS.write_bytes(pki.root_pem + pki.chain_pem)


def test_receive_credential_completes_the_chain_from_the_authorities_of_the_server(pki, operator, roots):
    data = file_of(pki, operator.cnpj, chain=False)

    credential = receive_credential(data, "x", EnvironmentName.PRODUCTION)

    assert bytes(credential.chain).count(b"BEGIN CERTIFICATE") == 4


def test_receive_credential_refuses_what_does_not_end_at_a_root_of_the_server(operator, roots, tmp_path):
    data = file_of(TestPki.open(tmp_path / "strange"), operator.cnpj)

    with pytest.raises(RefusedCertificate) as refused:
        receive_credential(data, "x", EnvironmentName.HOMOLOGATION)

    assert refused.value.refusal is CertificateRefusal.UNKNOWN_ROOT


def test_receive_credential_of_the_simulator_has_authorities_of_its_own(operator, roots, tmp_path):
    data = file_of(TestPki.open(tmp_path / "strange"), operator.cnpj)

    assert receive_credential(data, "x", SIMULATOR).state == "ACTIVE"


# ---- use ------------------------------------------------------------------------------------------------------------


def test_credential_of_one_environment_is_not_used_in_another(certificate):
    seal_credential(certificate, SIMULATOR)

    assert trouble_of(credential_in_use, "production") is ErrorKind.NO_CREDENTIAL


def test_credential_in_use_of_an_operator_without_one_is_a_trouble(operator):
    assert trouble_of(credential_in_use, "simulator") is ErrorKind.NO_CREDENTIAL


def test_credential_that_has_ended_is_not_used(certificate):
    credential = seal_credential(certificate, SIMULATOR)
    Credential.objects.filter(pk=credential.pk).update(not_after=timezone.now() - timedelta(minutes=1))

    assert trouble_of(credential_in_use, "simulator") is ErrorKind.CERTIFICATE_EXPIRED


@pytest.mark.parametrize("change", ["operator", "environment", "record"])
def test_credential_row_that_was_moved_cannot_be_opened(certificate, change):
    credential = seal_credential(certificate, SIMULATOR)

    if change == "operator":
        credential.operator = OperatorFactory()
    elif change == "environment":
        credential.environment = "production"
    else:
        credential.record = Credential().record

    assert trouble_of(open_credential, credential) is ErrorKind.CERTIFICATE_LOCKED


def test_credential_cannot_be_opened_without_the_servers_key(certificate, settings):
    credential = seal_credential(certificate, SIMULATOR)

    settings.CADSUS_KEKS = {"outra": secrets.token_bytes(32)}

    assert trouble_of(open_credential, credential) is ErrorKind.CERTIFICATE_LOCKED


def test_database_holds_one_active_credential_an_environment(certificate, next_certificate):
    seal_credential(certificate, SIMULATOR)
    inactive = seal_credential(next_certificate, SIMULATOR)

    with pytest.raises(IntegrityError, match="credential_active_once"), transaction.atomic():
        Credential.objects.filter(pk=inactive.pk).update(state=CredentialState.ACTIVE)


@pytest.mark.django_db
def test_credentials_of_two_operators_stand_side_by_side(next_certificate):
    operators = [OperatorFactory(), OperatorFactory()]
    sealed = []
    for operator in operators:
        with operator_context(operator.pk):
            sealed.append(seal_credential(next_certificate, SIMULATOR))

    seen = []
    for operator in operators:
        with operator_context(operator.pk):
            seen += Credential.objects.all()
    assert seen == sealed
