"""The live test: every step passed and failed for what it is named after, over real mutual TLS."""

import secrets
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cadsus.client.connection_check import CLOCK_TOLERANCE_SECONDS, CheckStep, clock_step, largest_skew
from cadsus.client.errors import ErrorKind
from cadsus.client.network_probe import Unreachable, probe
from cadsus.models import Check, Credential, EnvironmentName, Exchange
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import check_connection, check_credential, destroy_key, run_check, seal_credential, start_check
from cadsus.tasks import run_check as run_check_task
from cadsus.throttling.registry import circuit_breaker_for, credential_breaker
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cadsus.canned_server import TOKEN, Canned, canned_server, forget_token
from tests.datasus_simulator.fixtures import running_simulator, shared_pki
from tests.factories import OperatorFactory, UserFactory

CNPJ = "11222333000181"
SIMULATOR = EnvironmentName.SIMULATOR
ALL = [step.name for step in CheckStep]


@pytest.fixture(scope="module")
def certificates():
    """Two of the simulator's authorities."""
    return [new_certificate(shared_pki()) for _ in range(2)]


def new_certificate(pki):
    data = pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")
    return read_certificate(data, "x", cnpj=CNPJ, now=timezone.now())


@pytest.fixture
def simulator(tmp_path, settings):
    with running_simulator([], tmp_path) as simulator:
        settings.CADSUS_ENVIRONMENT = "simulator"
        settings.CADSUS_READ_TIMEOUT = 2
        at(settings, simulator.token_url, simulator.query_url, simulator.ca_path)
        yield simulator


def at(settings, token_url, query_url, ca_bundle, **facts):
    facts = {"token_url": token_url, "query_url": query_url, "ca_bundle": ca_bundle, "rate": 0, "hours": "", **facts}
    settings.CADSUS_ENVIRONMENTS = {"simulator": facts}


@pytest.fixture
def credential(certificates, simulator, operator):
    for certificate in certificates:
        forget_token(certificate.fingerprint)
    return seal_credential(certificates[0], SIMULATOR)


def outcome(credential):
    """What came of each step, by the step."""
    return [(step.name.name, step.passed) for step in check_credential(credential)]


def failure(credential):
    """The steps that passed, the one that failed, and what is said of it."""
    *passed, last = check_credential(credential)
    assert ([step.passed for step in passed], last.passed) == ([True] * len(passed), False)
    return len(passed), last.name, last.sentence


LATER = " Não depende da operadora: as consultas esperam na fila; teste de novo mais tarde."


def up_to(step):
    return ALL.index(step.name), step


# ---- passing --------------------------------------------------------------------------------------------------------


def test_check_goes_through_every_step(simulator, credential):
    assert outcome(credential) == [(name, True) for name in ALL]
    assert (simulator.counters["token"], simulator.counters["query"]) == (2, 1)


def test_check_says_what_it_found(simulator, credential):
    said = {step.name.name: step.sentence for step in check_credential(credential)}

    until = f"{timezone.localtime(credential.not_after):%d/%m/%Y}"
    network = said.pop("NETWORK")
    assert network.startswith("localhost atendeu na porta ")
    assert said.pop("CLOCK") in {f"Os relógios concordam (diferença de {seconds} s)." for seconds in range(3)}
    assert said == {
        "CERTIFICATE": "O certificado de Operadora Exemplo abre com a chave deste servidor.",
        "VALIDITY": f"Vale até {until} (mais {credential.days_left} dias); a cadeia de 3 certificados confere.",
        "TLS": "O servidor provou ser o do DATASUS e aceitou o certificado da operadora.",
        "HTTP": "O DATASUS respondeu ao pedido de token de acesso.",
        "JSON": "O DATASUS entregou um token de acesso válido por 30 min.",
        "QUERY": "O DATASUS respondeu a uma consulta de teste.",
    }


def test_check_that_passes_is_kept_with_the_certificate_and_on_the_trail(simulator, credential):
    Credential.objects.update(failed_step="CERTIFICATE")
    begin = timezone.now()

    list(check_credential(credential, actor=UserFactory(first_name="Ana", last_name="Lima")))

    credential.refresh_from_db()
    event = AuditEvent.objects.latest("pk")
    assert (credential.failed_step, credential.tested_at > begin) == ("", True)
    assert (event.kind, event.subject_id, event.actor_label) == ("credential.tested", credential.pk, "Ana Lima")
    assert event.data == {"environment": "simulator", "failed_step": ""}


def test_check_that_fails_is_kept_too(simulator, credential):
    simulator.change(token="html_503")

    list(check_credential(credential))

    credential.refresh_from_db()
    assert credential.failed_step == "HTTP"
    assert AuditEvent.objects.latest("pk").data["failed_step"] == "HTTP"


def test_check_of_a_waiting_certificate_goes_with_that_very_certificate(simulator, credential, certificates):
    staged = seal_credential(certificates[1], SIMULATOR)

    assert outcome(staged) == [(name, True) for name in ALL]
    assert {entry["client"] for entry in simulator.entries} == {staged.fingerprint}
    credential.refresh_from_db()
    assert (staged.state, credential.state, credential.tested_at) == ("STAGED", "ACTIVE", None)


def test_check_asks_about_nobody(simulator, credential):
    list(check_credential(credential))

    assert Exchange.objects.values_list("lookup", "credential", "trouble").get() == (None, credential.pk, "")


def test_check_keeps_to_the_pace(simulator, credential, settings):
    at(settings, simulator.token_url, simulator.query_url, simulator.ca_path, rate=0.001)
    list(check_credential(credential))

    assert failure(credential) == (*up_to(CheckStep.QUERY), ErrorKind.TURN_TOO_FAR.sentence)


def test_check_heeds_no_breaker_and_tells_none(simulator, credential):
    breakers = circuit_breaker_for("simulator"), credential_breaker("simulator", credential.fingerprint)
    for breaker in breakers:
        breaker.failed(100)

    assert outcome(credential) == [(name, True) for name in ALL]
    assert [breaker.state().is_open for breaker in breakers] == [True, True]


# ---- failing --------------------------------------------------------------------------------------------------------


def test_check_without_a_certificate_in_use_says_so(operator):
    steps = [(step.name, step.passed, step.sentence) for step in check_connection("simulator")]

    assert steps == [(CheckStep.CERTIFICATE, False, ErrorKind.NO_CREDENTIAL.sentence)]


def test_check_of_a_certificate_that_does_not_open_says_so(credential, settings):
    settings.CADSUS_KEKS = {"outra": secrets.token_bytes(32)}

    assert failure(credential) == (*up_to(CheckStep.CERTIFICATE), ErrorKind.CERTIFICATE_LOCKED.sentence)


def test_check_of_a_certificate_without_its_key_says_so(credential, certificates):
    staged = destroy_key(seal_credential(certificates[1], SIMULATOR).pk)

    assert failure(staged) == (
        *up_to(CheckStep.CERTIFICATE),
        "A chave deste certificado foi apagada. Envie o arquivo de novo.",
    )


def test_check_of_an_ended_certificate_says_since_when(credential):
    credential.not_after = timezone.make_aware(datetime(2026, 1, 31, 12))  # noqa: DTZ001  (made aware)

    assert failure(credential) == (
        *up_to(CheckStep.VALIDITY),
        "O certificado venceu em 31/01/2026. Envie o certificado renovado.",
    )


def test_check_tells_a_chain_that_ends_at_no_root_of_the_server(credential, certificates, settings, pki, tmp_path):
    there = seal_credential(certificates[1], EnvironmentName.PRODUCTION)
    settings.CADSUS_CLIENT_ROOTS = tmp_path / "roots.pem"
    settings.CADSUS_CLIENT_ROOTS.write_bytes(pki.root_pem)

    passed, step, sentence = failure(there)

    assert (passed, step) == up_to(CheckStep.VALIDITY)
    assert sentence.startswith("A cadeia do certificado não termina numa autoridade raiz da ICP-Brasil")


def test_check_tells_a_name_that_nobody_knows(credential, simulator, settings):
    at(settings, "https://nada.invalid/token", simulator.query_url, simulator.ca_path)

    assert failure(credential) == (
        *up_to(CheckStep.NETWORK),
        "O nome nada.invalid não foi encontrado na rede. Confira o DNS deste servidor e o endereço configurado.",
    )


def test_check_tells_a_query_server_out_of_reach(credential, simulator, settings):
    at(settings, simulator.token_url, "https://nada.invalid/query", simulator.ca_path)

    assert failure(credential) == (
        *up_to(CheckStep.QUERY),
        "O nome nada.invalid não foi encontrado na rede. Confira o DNS deste servidor e o endereço configurado.",
    )


def test_check_tells_a_server_that_does_not_prove_who_it_is(credential, simulator, settings, ca_path):
    at(settings, simulator.token_url, simulator.query_url, str(ca_path))

    assert failure(credential) == (*up_to(CheckStep.TLS), ErrorKind.SERVER_UNTRUSTED.sentence)


@pytest.mark.parametrize("strict", [True, False], ids=["in the handshake", "after it"])
def test_check_tells_a_server_that_refuses_the_certificate(credential, server_certificate, ca_path, settings, strict):
    """TLS 1.2 refuses in the handshake, TLS 1.3 after it."""
    newest = {"newest": ssl.TLSVersion.TLSv1_2} if strict else {}
    with canned_server(server_certificate, ca_path.read_bytes(), required=True, **newest) as server:
        server.answers = {"/token": Canned(TOKEN, content_type="application/json")}
        at(settings, f"{server.url}/token", f"{server.url}/query", str(ca_path))

        assert failure(credential) == (*up_to(CheckStep.TLS), ErrorKind.CREDENTIAL_REFUSED.sentence)


def test_check_tells_a_line_that_is_cut_without_a_word(credential, simulator):
    simulator.change(revoked=[credential.fingerprint])

    passed, step, sentence = failure(credential)

    assert (passed, step) == up_to(CheckStep.TLS)
    assert sentence.startswith("O servidor atendeu e cortou a conexão sem dizer por quê.")


def test_check_tells_a_certificate_refused_in_so_many_words(credential, simulator):
    simulator.change(revoked=[credential.fingerprint], certificate_by_http=True)

    passed, step, sentence = failure(credential)

    assert (passed, step) == up_to(CheckStep.HTTP)
    assert sentence.endswith(ErrorKind.CREDENTIAL_REFUSED.sentence)


@pytest.mark.parametrize(
    ("behaviour", "step", "sentence"),
    [
        ("html_503", CheckStep.HTTP, "O DATASUS respondeu com o código HTTP 503. O DATASUS está fora do ar."),
        ("slow_10s", CheckStep.HTTP, "O DATASUS não respondeu a tempo."),
        (
            "no_access_token",
            CheckStep.JSON,
            "O DATASUS respondeu com o código HTTP 200. O DATASUS respondeu algo que não é um token de acesso.",
        ),
    ],
)
def test_check_tells_a_token_that_does_not_come(credential, simulator, behaviour, step, sentence):
    simulator.change(token=behaviour)

    assert failure(credential) == (*up_to(step), sentence + LATER)


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("fault_500", "O DATASUS respondeu com o código HTTP 500. O DATASUS respondeu com um erro interno."),
        ("html_503", "O DATASUS respondeu com o código HTTP 503. O DATASUS está fora do ar."),
    ],
)
def test_check_tells_a_query_that_fails(credential, simulator, behaviour, sentence):
    simulator.change(query=behaviour)

    assert failure(credential) == (*up_to(CheckStep.QUERY), sentence + LATER)


def test_check_tells_clocks_that_differ_and_goes_on(credential, simulator):
    simulator.change(clock_offset=-7200)

    assert outcome(credential) == [(name, name != "CLOCK") for name in ALL]
    credential.refresh_from_db()
    assert credential.failed_step == "CLOCK"


# ---- as a job -------------------------------------------------------------------------------------------------------


def test_started_check_is_run_by_a_worker_and_shows_its_steps(credential):
    check = start_check(credential.pk, actor=UserFactory(first_name="Ana", last_name="Lima"))
    assert (check.status, check.steps) == (Status.QUEUED, [])

    run_check_task.apply(kwargs={"operator_id": credential.operator_id, "run_id": check.pk}).get()

    check.refresh_from_db()
    assert (check.status, check.done, check.total) == (Status.DONE, len(ALL), len(ALL))
    assert [(step["name"], step["passed"]) for step in check.steps] == [(name, True) for name in ALL]
    assert AuditEvent.objects.latest("pk").actor_label == "Ana Lima"


def test_started_check_is_sent_to_those_who_answer_at_once(credential, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **message: sent.append((name, message)))

    with django_capture_on_commit_callbacks(execute=True):
        check = start_check(credential.pk)

    message = {"operator_id": credential.operator_id, "run_id": check.pk}
    assert sent == [("cadsus.run_check", {"kwargs": message, "queue": "interactive"})]


def test_check_that_waits_for_a_worker_is_not_started_twice(credential):
    assert start_check(credential.pk) == start_check(credential.pk)


def test_check_that_is_over_may_be_started_again(credential):
    first = start_check(credential.pk)
    run_check(first.pk)

    assert start_check(credential.pk) != first


def test_check_delivered_twice_runs_once(credential, simulator):
    check = start_check(credential.pk)

    run_check(check.pk)
    run_check(check.pk)

    assert Exchange.objects.count() == 1


@pytest.mark.django_db
def test_check_of_another_operators_certificate_finds_nothing(certificates):
    with operator_context(OperatorFactory().pk):
        theirs = seal_credential(certificates[0], SIMULATOR)

    with operator_context(OperatorFactory().pk), pytest.raises(Credential.DoesNotExist):
        start_check(theirs.pk)
    with operator_context(theirs.operator_id):
        assert Check.objects.count() == 0


# ---- the network ----------------------------------------------------------------------------------------------------


def reason(url, timeout=1.0):
    with pytest.raises(Unreachable) as reason:
        probe(url, timeout)
    return str(reason.value)


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_reach_tells_a_door_that_is_closed(closed_port):
    assert reason(f"https://127.0.0.1:{closed_port}/token") == (
        f"127.0.0.1 recusou a conexão na porta {closed_port}. Confira o endereço; se ele estiver certo, "
        "o serviço está parado ou um firewall o bloqueia."
    )


def test_reach_tells_a_door_at_which_nobody_answers():
    """A listener whose queue is full drops what comes, as a firewall does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        place = server.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(place)

        said = reason(f"https://127.0.0.1:{place[1]}/", timeout=0.3)

        for each in waiting:
            each.close()
    assert said.startswith(f"127.0.0.1 não atendeu em 0.3 s na porta {place[1]}. ")


def test_reach_goes_to_the_proxy_where_there_is_one(monkeypatch, closed_port):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")

    assert reason("https://datasus.invalid/token").startswith(
        f"127.0.0.1 (proxy no caminho até datasus.invalid) recusou a conexão na porta {closed_port}."
    )


def test_reach_leaves_nothing_open(closed_port):
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe(f"https://127.0.0.1:{server.getsockname()[1]}/", 1)

    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


# ---- clocks ---------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_clocks_that_differ_are_both_shown():
    step = clock_step(NOON.timestamp(), (NOON - timedelta(minutes=2, seconds=5)).timestamp(), UTC)

    assert step.passed is False
    assert step.sentence == (
        "O relógio do DATASUS marca 23/11/2026 11:57:55 e o deste servidor 23/11/2026 12:00:00. "
        "Acerte o relógio deste servidor (NTP): com a hora errada, tokens válidos são recusados."
    )


@given(st.floats(-86_400, 86_400, allow_nan=False))
def test_clocks_may_differ_by_the_tolerance_and_no_more(apart):
    step = clock_step(NOON.timestamp(), NOON.timestamp() + apart, UTC)

    assert step.passed is (round(abs(apart)) <= CLOCK_TOLERANCE_SECONDS)


def test_clock_that_is_not_told_is_no_fault():
    assert clock_step(NOON.timestamp(), None, UTC).passed


@given(st.lists(st.one_of(st.none(), st.floats(0, 2e9, allow_nan=False)), max_size=4), st.floats(0, 2e9))
def test_farthest_clock_is_the_one_that_differs_most(moments, now):
    told = [moment for moment in moments if moment is not None]

    found = largest_skew(now, *moments)

    assert (found is None) is (not told)
    assert all(abs(found - now) >= abs(moment - now) for moment in told)
