"""One certificate after another: by one administrator, by two at once, and while questions are under way."""

import secrets
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from cadsus.client.errors import GatewayError
from cadsus.models import Credential, CredentialState, EnvironmentName, Exchange, Lookup, LookupReason, Priority
from cadsus.pki.errors import RefusedRotation
from cadsus.pki.errors import RotationRefusal as Refusal
from cadsus.pki.icp_brasil import read_certificate
from cadsus.queries.credentials import open_credential
from cadsus.services import (
    activate_credential,
    ask_cns,
    credential_in_use,
    destroy_key,
    receive_credential,
    roll_back,
    seal_credential,
    work_queue,
)
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cadsus.canned_server import forget_token
from tests.datasus_simulator.fixtures import ask_at, running_simulator, shared_pki
from tests.factories import OperatorFactory, PersonFactory, UserFactory, cns

SIMULATOR = EnvironmentName.SIMULATOR
CNPJ = "11222333000181"


def new_certificate():
    data = shared_pki().issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")
    return read_certificate(data, "x", cnpj=CNPJ, now=timezone.now())


@pytest.fixture(scope="module")
def certificates():
    """Three of one company, each after the other."""
    return [new_certificate() for _ in range(3)]


@pytest.fixture
def old(certificates, operator):
    return seal_credential(certificates[0], SIMULATOR)


@pytest.fixture
def staged(certificates, old):
    return seal_credential(certificates[1], SIMULATOR)


def states():
    return dict(Credential.objects.values_list("pk", "state"))


def refusal_of(work, credential):
    with pytest.raises(RefusedRotation) as refused:
        work(credential.pk)
    return refused.value.refusal


def trail():
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "subject_id", "actor_label"))


def test_activation_puts_the_next_in_use_and_keeps_the_last(old, staged):
    ana, before = UserFactory(first_name="Ana", last_name="Lima"), len(trail())

    activate_credential(staged.pk, actor=ana)

    assert credential_in_use("simulator") == staged
    assert states() == {old.pk: "RETIRED", staged.pk: "ACTIVE"}
    assert trail()[before:] == [("credential.activated", staged.pk, "Ana Lima")]


def test_activation_of_the_one_in_use_changes_nothing(old):
    before = trail()

    assert activate_credential(old.pk) == old
    assert trail() == before


def test_roll_back_brings_back_the_one_before_and_lets_the_other_wait(old, staged):
    activate_credential(staged.pk)

    assert roll_back(staged.pk) == old
    assert states() == {old.pk: "ACTIVE", staged.pk: "STAGED"}


def test_roll_back_goes_to_the_last_in_use_of_many(old, staged, certificates):
    third = seal_credential(certificates[2], SIMULATOR)
    for credential in (staged, third):
        activate_credential(credential.pk)

    assert roll_back(third.pk) == staged
    assert states() == {old.pk: "RETIRED", staged.pk: "ACTIVE", third.pk: "STAGED"}


def test_roll_back_leaves_other_environments_alone(old, staged, certificates):
    seal_credential(certificates[2], EnvironmentName.HOMOLOGATION, activate=True)

    assert refusal_of(roll_back, credential_in_use("homologation")) is Refusal.NONE_BEFORE


def test_roll_back_twice_at_once_goes_back_once(old, staged):
    activate_credential(staged.pk)
    roll_back(staged.pk)

    assert refusal_of(roll_back, staged) is Refusal.NOT_IN_USE
    assert credential_in_use("simulator") == old


@pytest.mark.parametrize(
    "change", [{"not_after": timezone.now() - timedelta(minutes=1)}, {"key_id": ""}], ids=["ended", "destroyed"]
)
def test_roll_back_goes_only_to_one_that_may_still_be_used(old, staged, change):
    activate_credential(staged.pk)
    Credential.objects.filter(pk=old.pk).update(**change)

    assert refusal_of(roll_back, staged) is Refusal.NONE_BEFORE
    assert credential_in_use("simulator") == staged


def test_activation_of_an_ended_certificate_is_refused(old, staged):
    Credential.objects.filter(pk=staged.pk).update(not_after=timezone.now() - timedelta(minutes=1))

    assert refusal_of(activate_credential, staged) is Refusal.ENDED


def test_activation_of_one_that_does_not_open_is_refused(old, staged, settings):
    settings.CADSUS_KEKS = {"outra": secrets.token_bytes(32)}

    assert refusal_of(activate_credential, staged) is Refusal.LOCKED
    assert states() == {old.pk: "ACTIVE", staged.pk: "STAGED"}


def test_destroyed_key_is_gone_for_good_and_what_it_was_stays(old, staged):
    destroyed = destroy_key(staged.pk, actor=UserFactory(first_name="Ana", last_name="Lima"))

    destroyed.refresh_from_db()
    assert (destroyed.state, destroyed.has_key, bytes(destroyed.sealed_key)) == ("RETIRED", False, b"")
    assert destroyed.fingerprint == staged.fingerprint
    assert trail()[-1] == ("credential.destroyed", staged.pk, "Ana Lima")
    with pytest.raises(GatewayError, match="CERTIFICATE_LOCKED"):
        open_credential(destroyed)


def test_destroying_a_key_twice_is_once(staged):
    destroy_key(staged.pk)
    before = trail()

    destroy_key(staged.pk)

    assert trail() == before


def test_destroyed_key_of_the_one_in_use_is_refused(old):
    assert refusal_of(destroy_key, old) is Refusal.IN_USE
    assert credential_in_use("simulator") == old


def test_activation_without_a_key_is_refused_until_the_file_comes_again(old, staged, certificates):
    destroy_key(staged.pk)
    assert refusal_of(activate_credential, staged) is Refusal.WITHOUT_KEY

    seal_credential(certificates[1], SIMULATOR)

    assert activate_credential(staged.pk).state == CredentialState.ACTIVE


@pytest.mark.parametrize("work", [activate_credential, roll_back, destroy_key])
def test_rotation_of_another_operators_certificate_finds_nothing(certificates, db, work):
    with operator_context(OperatorFactory().pk):
        theirs = seal_credential(certificates[0], SIMULATOR)

    with operator_context(OperatorFactory().pk), pytest.raises(Credential.DoesNotExist):
        work(theirs.pk)


# ---- races ----------------------------------------------------------------------------------------------------------


def at_once(operator, *works: object):
    """All of them, each with a connection of its own, from the same moment on; whatever they raise is raised here."""
    gate, raised = threading.Barrier(len(works)), []

    def run(work):
        with operator_context(operator.pk):
            gate.wait()
            try:
                work()
            except Exception as error:  # noqa: BLE001  (told to the test)
                raised.append(error)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def owner(transactional_db):
    """An operator whom several connections see."""
    operator = OperatorFactory(cnpj=CNPJ)
    with operator_context(operator.pk):
        yield operator


def active():
    return list(Credential.objects.active().values_list("pk", flat=True))


def test_two_administrators_who_activate_different_certificates_leave_one_in_use(owner, certificates):
    first, *others = (seal_credential(certificate, SIMULATOR) for certificate in certificates)

    raised = at_once(owner, *(lambda pk=each.pk: activate_credential(pk) for each in others))

    assert (raised, len(active())) == ([], 1)
    assert sorted(states().values()) == ["ACTIVE", "RETIRED", "RETIRED"]
    assert states()[first.pk] == "RETIRED"


def test_two_first_certificates_at_once_leave_one_in_use_and_one_waiting(owner, certificates):
    raised = at_once(owner, *(lambda each=each: seal_credential(each, SIMULATOR) for each in certificates[:2]))

    assert raised == []
    assert sorted(states().values()) == ["ACTIVE", "STAGED"]


def test_one_file_sent_twice_at_once_is_kept_once(owner):
    data = shared_pki().issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")

    raised = at_once(owner, *[lambda: receive_credential(data, "x", SIMULATOR)] * 2)

    assert (raised, list(states().values())) == ([], ["ACTIVE"])


def test_two_administrators_who_go_back_at_once_go_back_once(owner, certificates):
    old, new = (seal_credential(certificate, SIMULATOR) for certificate in certificates[:2])
    activate_credential(new.pk)

    raised = at_once(owner, *[lambda: roll_back(new.pk)] * 2)

    assert [error.refusal for error in raised] == [Refusal.NOT_IN_USE]
    assert states() == {old.pk: "ACTIVE", new.pk: "STAGED"}


def test_key_is_not_destroyed_while_its_certificate_comes_into_use(owner, certificates):
    _, new = (seal_credential(certificate, SIMULATOR) for certificate in certificates[:2])

    raised = at_once(owner, lambda: activate_credential(new.pk), lambda: destroy_key(new.pk))

    new.refresh_from_db()
    assert [error.refusal for error in raised] in ([Refusal.IN_USE], [Refusal.WITHOUT_KEY])
    assert new.has_key is (new.state == CredentialState.ACTIVE)
    assert len(active()) == 1


# ---- while questions are under way ----------------------------------------------------------------------------------


@pytest.fixture
def simulator(tmp_path, settings):
    with running_simulator([], tmp_path, latency_ms=50) as simulator:
        ask_at(settings, simulator)
        yield simulator


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


def test_activation_while_questions_run_loses_none_and_the_next_ones_use_the_new(owner, certificates, simulator):
    old, new = (seal_credential(certificate, SIMULATOR) for certificate in certificates[:2])
    for certificate in certificates[:2]:
        forget_token(certificate.fingerprint)
    people = [PersonFactory() for _ in range(120)]
    simulator.serve([known(person) for person in people])
    ask_cns([person.pk for person in people], reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)

    def rotate():
        while not Exchange.objects.filter(milliseconds__isnull=False).exists():
            threading.Event().wait(0.01)
        activate_credential(new.pk)

    def drain():
        while Lookup.objects.open().exists():
            work_queue(concurrency=4)

    raised = at_once(owner, drain, rotate)

    asked = list(Exchange.objects.order_by("pk").values_list("credential_id", flat=True))
    assert raised == []
    assert set(Lookup.objects.values_list("status", "attached")) == {(Status.DONE, True)}
    assert (len(asked), set(asked)) == (len(people), {old.pk, new.pk})
    assert asked == sorted(asked), "once the new certificate is used, the old one is not any more"
    shown = {entry["client"] for entry in simulator.entries if entry["door"] == "query"}
    assert shown == {certificate.fingerprint for certificate in certificates[:2]}
