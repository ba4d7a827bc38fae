import base64
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from functools import partial

import pytest
from django.core.cache import caches
from hypothesis import given
from hypothesis import strategies as st

from cadsus.client.access_token import NotAToken, Token, TokenStore, read_token
from cadsus.client.errors import ErrorKind, GatewayError
from cnsportal.leases import Lease
from cnsportal.security.envelope_encryption import Keyring
from datasus_simulator.client_files import CLIENT_CNPJ
from tests.datasus_simulator.fixtures import running_simulator
from tests.paths import ROOT

NOW = 1_800_000_000.0
CACHE = caches["default"]  # one for all threads: each would open, and leave, a connection of its own
KEYS = Keyring({"teste": secrets.token_bytes(32)})


def jwt(**claims):
    parts = ({"alg": "RS256", "kid": "rnds-teste"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "assinatura"])


def answer(**fields):
    return json.dumps({"access_token": "opaco", "scope": "read write", "token_type": "jwt", **fields}).encode()


def lifetime(now=NOW, **fields):
    return read_token(answer(**fields), now=now).lifetime


class Datasus:
    """Counts the fetches and hands out numbered tokens, or fails as told."""

    def __init__(self, lifetime=1800.0, trouble=None, seconds=0.0) -> None:
        self.fetched = 0
        self.lifetime, self.trouble, self.seconds = lifetime, trouble, seconds

    def fetch(self):
        self.fetched += 1
        time.sleep(self.seconds)
        if self.trouble:
            raise GatewayError(self.trouble)
        return Token(f"token {self.fetched}", self.lifetime)


def store(datasus, *, environment="simulator", fingerprint=None, keys=KEYS):
    return TokenStore(environment, fingerprint or secrets.token_hex(32), datasus.fetch, CACHE, Lease, keys)


def together(count, work):
    """What ``work`` gives to ``count`` threads that begin at once."""
    gate, given = threading.Barrier(count), []
    threads = [threading.Thread(target=lambda: (gate.wait(), given.append(work()))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_token_lives_for_the_milliseconds_that_datasus_tells():
    token = read_token(answer(expires_in=1_800_000), now=NOW)

    assert (token.value, token.lifetime) == ("opaco", 1800.0)


@pytest.mark.parametrize(
    ("expires_in", "seconds"), [(1_800_000, 1800), (1800, 1800), (86_400, 86_400), (86_401, 86.401), (5000, 5000)]
)
def test_token_lifetime_over_a_day_is_in_milliseconds(expires_in, seconds):
    assert lifetime(expires_in=expires_in) == seconds


@pytest.mark.parametrize("expires_in", [None, 0, -5, "1800000", True, [1800]])
def test_token_without_a_sensible_lifetime_lives_half_an_hour(expires_in):
    assert lifetime(expires_in=expires_in) == 1800


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        ({"iat": NOW, "exp": NOW + 600}, 600),
        ({"exp": NOW + 600}, 600),
        ({"iat": NOW - 300, "exp": NOW + 600}, 600),
        ({"iat": NOW, "exp": NOW + 9000}, 1800),
        ({"iat": NOW - 7200, "exp": NOW - 6600}, 600),
        ({"exp": NOW - 60}, 1800),
        ({"iat": NOW, "exp": NOW}, 1800),
        ({"iat": "cedo", "exp": "tarde"}, 1800),
        ({}, 1800),
    ],
    ids=[
        "jwt ends first",
        "no iat",
        "issued a while ago",
        "told ends first",
        "server's clock is behind",
        "ended and no iat",
        "no life",
        "not numbers",
        "no claims",
    ],
)
def test_token_lives_as_long_as_the_shortest_of_what_is_told(claims, seconds):
    assert lifetime(access_token=jwt(**claims), expires_in=1_800_000) == seconds


@given(st.text())
def test_token_of_any_shape_is_taken_as_it_is(value):
    if value:
        assert read_token(answer(access_token=value), now=NOW).value == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"[]",
        b"null",
        b"{}",
        b'{"access_token": ""}',
        b'{"access_token": 5}',
        b'"texto"',
        b"\xff",
    ],
)
def test_answer_without_a_token_is_not_a_token(body):
    with pytest.raises(NotAToken):
        read_token(body, now=NOW)


def test_token_stays_out_of_texts():
    assert "opaco" not in repr(read_token(answer(), now=NOW))


def test_token_is_fetched_once_for_many_questions():
    datasus = Datasus()
    tokens = store(datasus)

    assert [tokens.get() for _ in range(5)] == ["token 1"] * 5
    assert datasus.fetched == 1


def test_token_is_renewed_before_it_ends():
    datasus = Datasus(lifetime=0.5)
    tokens = store(datasus)
    first = tokens.get()

    time.sleep(0.46)

    assert (first, tokens.get()) == ("token 1", "token 2")


def test_token_that_was_refused_is_replaced_once_for_all():
    datasus = Datasus(seconds=0.2)
    tokens = store(datasus)
    refused = tokens.get()

    assert together(8, lambda: tokens.get(refused=refused)) == ["token 2"] * 8
    assert datasus.fetched == 2


def test_token_is_fetched_by_one_worker_at_a_time():
    datasus = Datasus(seconds=0.3)
    fingerprint = secrets.token_hex(32)

    given = together(8, lambda: store(datasus, fingerprint=fingerprint).get())

    assert (given, datasus.fetched) == (["token 1"] * 8, 1)


def test_a_fetch_that_took_too_long_leaves_the_turn_of_another_alone():
    fingerprint = secrets.token_hex(32)
    lock = f"cadsus:token:lock:simulator:{fingerprint}"
    other = Lease(lock, 30)

    def outlasted():
        CACHE.delete(lock)
        other.acquire()
        return Token("token 1", 1800.0)

    given = TokenStore("simulator", fingerprint, outlasted, CACHE, Lease, KEYS).get()

    assert (given, other.is_taken()) == ("token 1", True)
    other.release()


FETCH = """
import sys
import django
django.setup()
from django.core.cache import cache
from django.utils import timezone
from cadsus.pki.icp_brasil import read_certificate
from cadsus.client.gateway import ClientCredential, Gateway
from cadsus.queries.credentials import keyring
from cadsus.services.datasus.gateways import environment
from cnsportal.leases import Lease

certificate = read_certificate(open(sys.argv[1], "rb").read(), "x", cnpj=sys.argv[2], now=timezone.now())
credential = ClientCredential(certificate.fingerprint, certificate.chain, certificate.key)
print(len(Gateway(environment("simulator"), credential, cache=cache, leases=Lease, keys=keyring()).tokens.get()))
"""


def test_token_is_fetched_once_by_several_processes(tmp_path):
    with running_simulator([], tmp_path, latency_ms=500) as simulator:
        file = tmp_path / "client.p12"
        file.write_bytes(simulator.pki.issue_ecnpj(cnpj=CLIENT_CNPJ, legal_name="Operadora Exemplo", password="x"))
        addresses = {
            "CADSUS_TOKEN_URL": simulator.token_url,
            "CADSUS_QUERY_URL": simulator.query_url,
            "CADSUS_CA_BUNDLE": simulator.ca_path,
        }
        fetch = [sys.executable, "-c", FETCH, str(file), CLIENT_CNPJ]
        environment = {**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": "cnsportal.settings"}
        processes = [
            subprocess.Popen(fetch, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]

        lengths = [int(process.communicate(timeout=120)[0]) for process in processes]

        assert (len(set(lengths)), min(lengths) > 2000, simulator.counters["token"]) == (1, True, 1)


def test_token_of_one_certificate_or_environment_is_never_anothers():
    one, other, elsewhere = Datasus(), Datasus(), Datasus()
    fingerprint = secrets.token_hex(32)
    store(one, fingerprint=fingerprint).get()

    store(other).get()
    store(elsewhere, environment="production", fingerprint=fingerprint).get()

    assert (one.fetched, other.fetched, elsewhere.fetched) == (1, 1, 1)


def test_token_failure_reaches_whoever_waited_for_the_fetch():
    datasus = Datasus(trouble=ErrorKind.UNAVAILABLE, seconds=0.2)
    tokens = store(datasus)

    assert together(6, partial(trouble_of, tokens)) == [ErrorKind.UNAVAILABLE] * 6
    assert datasus.fetched == 1


def test_token_is_fetched_again_after_a_failure():
    datasus = Datasus(trouble=ErrorKind.UNAVAILABLE)
    tokens = store(datasus)
    assert trouble_of(tokens) is ErrorKind.UNAVAILABLE

    datasus.trouble = None

    assert tokens.get() == "token 2"


def trouble_of(tokens):
    with pytest.raises(GatewayError) as error:
        tokens.get()
    return error.value.trouble


def test_token_lies_sealed_in_the_cache():
    tokens = store(Datasus())
    value = tokens.get()

    kept, _ = CACHE.get(f"cadsus:token:token:simulator:{tokens.fingerprint}")

    assert value.encode() not in b"".join(part.encode() if isinstance(part, str) else part for part in kept)


def test_token_sealed_under_a_key_that_is_gone_is_fetched_again():
    datasus, fingerprint = Datasus(), secrets.token_hex(32)
    store(datasus, fingerprint=fingerprint).get()

    others = Keyring({"outra": secrets.token_bytes(32)})

    assert store(datasus, fingerprint=fingerprint, keys=others).get() == "token 2"
