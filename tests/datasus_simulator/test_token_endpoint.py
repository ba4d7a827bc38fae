import base64
import json
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from datasus_simulator.certificate_profiles import Profile
from datasus_simulator.pki import TestPki
from tests.datasus_simulator.foreign_client import Stranger, comes_true


def part(token, index):
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.fixture
def as_holder(simulator, tmp_path):
    """A stranger with another certificate, or with none."""
    made = []

    def make(issued):
        made.append(Stranger(simulator, issued, tmp_path))
        return made[-1]

    yield make
    for someone in made:
        someone.session.close()


def test_token_answer_is_as_the_real_one(stranger, client):
    before = int(time.time())

    response = stranger.get_token()

    answer = response.json()
    token = answer.pop("access_token")
    claims = part(token, 1)
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer == {"scope": "read write", "token_type": "jwt", "expires_in": 1_800_000}
    assert len(token) > 2000
    assert part(token, 0)["kid"].startswith("rnds")
    assert claims["exp"] - claims["iat"] == 1800
    assert before <= claims["iat"] <= time.time()
    assert base64.urlsafe_b64decode(claims["cnf"]["x5t#S256"] + "=").hex() == client.fingerprint


def test_every_token_is_another_and_all_stay_good(stranger):
    first, second = (stranger.get_token().json()["access_token"] for _ in range(2))

    assert first != second
    assert [stranger.ask("98765432100", authorization=f"jwt {token}").status_code for token in (first, second)] == [
        200
    ] * 2


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "DELETE"])
def test_only_get_is_answered(stranger, method):
    response = stranger.get_token(method)

    assert (response.status_code, response.headers["Allow"]) == (405, "GET")


def test_other_addresses_do_not_exist(stranger, simulator):
    url = simulator.token_url.replace("/osb", "")

    assert stranger.session.get(url, timeout=10).status_code == 404


# ---- who is let in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variant",
    [{}, {"profile": Profile.SE_S}, {"profile": Profile.AE_S}, {"profile": Profile.E_CPF}, {"chain": False}],
)
def test_every_kind_of_good_certificate_is_let_in(simulator, as_holder, variant):
    assert as_holder(simulator.issue(**variant)).get_token().status_code == 200


@pytest.mark.parametrize(
    "variant",
    [
        {"self_signed": True},
        {"valid_from": datetime(2020, 1, 1, tzinfo=UTC)},
        {"valid_from": datetime.now(UTC) + timedelta(days=3)},
    ],
)
def test_unfit_certificates_do_not_pass_the_handshake(simulator, as_holder, variant):
    with pytest.raises(requests.ConnectionError):
        as_holder(simulator.issue(**variant)).get_token()

    assert comes_true(lambda: simulator.counters == {"handshake refused": 1})


def test_certificate_of_another_pki_does_not_pass_the_handshake(simulator, as_holder, tmp_path):
    foreign = TestPki.open(tmp_path / "outra").issue(cnpj="11222333000181", legal_name="OUTRA")

    with pytest.raises(requests.ConnectionError):
        as_holder(foreign).get_token()


def test_no_certificate_does_not_pass_the_handshake(as_holder):
    with pytest.raises(requests.ConnectionError):
        as_holder(None).get_token()


def test_no_certificate_is_told_by_http_where_so_switched(simulator, as_holder):
    simulator.change(certificate_by_http=True)

    response = as_holder(None).get_token()

    assert (response.status_code, response.json()["error"]) == (401, "unauthorized")


def test_revoked_certificate_is_cut_off_or_told_by_http(simulator, stranger, client):
    simulator.change(revoked=[client.fingerprint.upper()])
    with pytest.raises(requests.ConnectionError):
        stranger.get_token()

    simulator.change(certificate_by_http=True)

    assert stranger.get_token().status_code == 401


def test_uncredentialed_certificate_is_forbidden(simulator, stranger, client):
    simulator.change(uncredentialed=[client.fingerprint])

    response = stranger.get_token()

    assert (response.status_code, response.json()["error"]) == (403, "forbidden")


def test_server_names_hold_for_localhost_and_its_address(simulator):
    context = ssl.create_default_context(cafile=simulator.ca_path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = int(simulator.query_url.split(":")[2].split("/")[0])

    for name in ("localhost", "127.0.0.1", "simulator"):
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname=name) as secured,
        ):
            assert secured.version() == "TLSv1.3"


def test_tls_below_1_2_is_refused(simulator):
    context = ssl.create_default_context(cafile=simulator.ca_path)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    port = int(simulator.query_url.split(":")[2].split("/")[0])

    with socket.create_connection(("127.0.0.1", port), 5) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="localhost")


# ---- switches -------------------------------------------------------------------------------------------------------


def test_token_lives_as_long_as_switched(simulator, stranger):
    simulator.change(token_lifetime=4)
    answer = stranger.get_token().json()
    claims = part(answer["access_token"], 1)

    statuses = [stranger.ask("98765432100", authorization=f"jwt {answer['access_token']}").status_code]
    time.sleep(4.1)
    statuses.append(stranger.ask("98765432100", authorization=f"jwt {answer['access_token']}").status_code)

    assert (answer["expires_in"], claims["exp"] - claims["iat"], statuses) == (4000, 4, [200, 401])


def test_expires_in_may_disagree_with_the_token(simulator, stranger):
    simulator.change(expires_in=5000)

    answer = stranger.get_token().json()

    assert (answer["expires_in"], part(answer["access_token"], 1)["exp"] - int(time.time()) > 1700) == (5000, True)


def test_token_may_be_missing_or_no_jwt(simulator, stranger):
    simulator.change(token="no_access_token")
    without = stranger.get_token().json()
    simulator.change(token="opaque_token")
    opaque = stranger.get_token().json()["access_token"]

    assert list(without) == ["scope", "token_type", "expires_in"]
    assert (opaque.count("."), stranger.ask("98765432100", authorization=f"jwt {opaque}").status_code) == (0, 200)


@pytest.mark.parametrize(
    ("behaviour", "status", "content_type"),
    [
        ("html_200", 200, "text/html; charset=utf-8"),
        ("html_503", 503, "text/html; charset=utf-8"),
        ("unavailable", 503, "text/plain; charset=utf-8"),
        ("too_many", 429, "text/plain; charset=utf-8"),
        ("forbidden", 403, "text/plain; charset=utf-8"),
        ("json_500", 500, "application/json"),
        ("redirect", 302, "text/html; charset=utf-8"),
        ("wrong_type", 200, "text/html; charset=utf-8"),
        ("slow_1s", 200, "application/json;charset=UTF-8"),
        ("gzip", 200, "application/json;charset=UTF-8"),
        ("bom", 200, "application/json;charset=UTF-8"),
    ],
)
def test_token_endpoint_has_faults_of_its_own(simulator, stranger, behaviour, status, content_type):
    simulator.change(token=behaviour)

    response = stranger.get_token()

    assert (response.status_code, response.headers["Content-Type"]) == (status, content_type)
    assert stranger.ask("98765432100").status_code == 200


def test_token_of_a_clock_that_is_wrong_says_so_and_works_by_it(simulator, stranger):
    simulator.change(clock_offset=7200, token_lifetime=60)

    told = part(stranger.login().token, 1)
    works = stranger.ask("98765432100").status_code
    simulator.change(clock_offset=7300)

    ahead = told["iat"] - time.time()
    assert (7190 < ahead <= 7200, told["exp"] - told["iat"]) == (True, 60)
    assert (works, stranger.ask("98765432100").status_code) == (200, 401)


def test_tokens_are_counted_by_client_and_nothing_more_is_kept(simulator, stranger, client):
    simulator.reset()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: stranger.get_token(), range(8)))

    assert simulator.counters == {"token": 8, "token 200": 8}
    assert {(entry["client"], entry["kind"], entry["subject"]) for entry in simulator.entries} == {
        (client.fingerprint, "", "")
    }
