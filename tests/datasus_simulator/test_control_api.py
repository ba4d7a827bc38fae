import pytest
import requests

from tests.datasus_simulator.fixtures import running_simulator
from tests.datasus_simulator.foreign_client import names
from tests.datasus_simulator.people import CLARICE, PEOPLE


@pytest.fixture
def control(simulator):
    def call(method, path="", **how):
        return requests.request(method, f"{simulator.control_url}{path}", timeout=10, **how)

    return call


def test_control_port_is_absent_unless_asked_for(tmp_path):
    with running_simulator(PEOPLE, tmp_path) as simulator:
        assert simulator.control_url == ""


def test_control_port_listens_on_the_loopback_address_alone(simulator):
    assert simulator.simulator._control.server_address[0] == "127.0.0.1"


def test_get_tells_the_counters_and_the_journal(control, stranger):
    stranger.ask(CLARICE)

    assert control("GET").json() == {"token": 1, "token 200": 1, "query": 1, "query 200 OK": 1}
    assert [entry["answer"] for entry in control("GET", "/log").json()] == ["200", "200 OK"]
    assert CLARICE not in control("GET", "/log").text


def test_post_turns_switches_that_hold_until_the_reset(control, simulator, stranger):
    turned = control("POST", json={"query": "html_200", "latency_ms": 1})
    during = stranger.ask(CLARICE)
    cleared = control("POST", "/reset")

    assert (turned.status_code, turned.json()) == (200, {"query": "html_200", "latency_ms": 1})
    assert (during.headers["Content-Type"], cleared.json()) == ("text/html; charset=utf-8", {})
    assert stranger.ask(CLARICE).status_code == 401  # the tokens are forgotten too
    assert names(stranger.login().ask(CLARICE)) == ["CLARICE FICTICIA DOS TESTES"]
    simulator.change(latency_ms=0)


@pytest.mark.parametrize(
    ("switches", "sentence"),
    [
        ({"latency_ms": -1}, "O valor do ajuste latency_ms não é aceito."),
        ({"latency_ms": True}, "O valor do ajuste latency_ms não é aceito."),
        ({"latency_ms": "1"}, "O valor do ajuste latency_ms não é aceito."),
        ({"query": "explode"}, "O valor do ajuste query não é aceito."),
        ({"query": 1}, "O valor do ajuste query não é aceito."),
        ({"outage": {}}, "O valor do ajuste outage não é aceito."),
        ({"outage": {"seconds": "muito"}}, "O valor do ajuste outage não é aceito."),
        ({"revoked": "abc"}, "O valor do ajuste revoked não é aceito."),
        ({"faults": {"1": "explode"}}, "O valor do ajuste faults não é aceito."),
        ({"certificate_by_http": 1}, "O valor do ajuste certificate_by_http não é aceito."),
        ({"latency_ms": 5, "expires_in": "x"}, "O valor do ajuste expires_in não é aceito."),
    ],
)
def test_switch_that_makes_no_sense_is_refused_and_turns_nothing(control, simulator, switches, sentence):
    before = simulator.state.switches

    refused = control("POST", json=switches)

    assert (refused.status_code, refused.json()) == (400, {"erro": sentence})
    assert simulator.state.switches == before


def test_unknown_switch_is_refused_with_the_list_of_those_that_are(control):
    assert control("POST", json={"x": 1}).json()["erro"].startswith("Não há o ajuste x. Os ajustes são: latency_ms, ")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"7"])
def test_body_that_is_no_object_is_refused(control, body):
    refused = control("POST", data=body)

    assert (refused.status_code, refused.json()) == (400, {"erro": "O corpo deve ser um objeto JSON com os ajustes."})


def test_switches_may_be_taken_back_one_by_one(control, simulator):
    for value in ({"seconds": 60}, None):
        control("POST", json={"outage": value, "expires_in": None if value is None else 1, "query": ""})

    assert (simulator.state.switches.outage, simulator.state.switches.expires_in) == (None, None)


@pytest.mark.parametrize(("method", "path"), [("GET", "/x"), ("DELETE", ""), ("POST", "/log"), ("PUT", "/reset")])
def test_other_addresses_are_not_found(control, method, path):
    assert control(method, path).status_code == 404
