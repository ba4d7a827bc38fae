"""The true cause of a connection that does not come about, told by real servers of every kind."""

import socket
import ssl
import struct
import threading
from contextlib import contextmanager

import pytest
from django.core.cache import cache

from cadsus.client.connection_check import CheckStep, failed_step, sentence_of
from cadsus.client.errors import ErrorKind
from cadsus.client.gateway import ClientCredential, Environment, Gateway, GatewayError
from cadsus.client.tls_errors import TlsCause, TlsFault, cause_of
from cadsus.queries.credentials import keyring
from cadsus.throttling.blockers import ABOUT_CREDENTIAL, ABOUT_ENVIRONMENT
from cnsportal.leases import Lease
from tests.cadsus.canned_server import canned_server, forget_token

ABOUT_US = ["BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_REVOKED", "CERTIFICATE_EXPIRED"]
ABOUT_US += ["CERTIFICATE_UNKNOWN", "UNKNOWN_CA", "ACCESS_DENIED"]
OF_OTHERS = {
    "PROTOCOL_VERSION": (
        "O servidor não aceita TLS 1.2 nem 1.3, as versões que este portal usa (alerta protocol_version)."
    ),
    "INSUFFICIENT_SECURITY": (
        "O servidor exige cifras mais fortes que as que este portal oferece (alerta insufficient_security)."
    ),
    "HANDSHAKE_FAILURE": (
        "Os dois lados não têm uma cifra em comum, ou o servidor não quis dizer o motivo (alerta handshake_failure)."
    ),
    "UNRECOGNIZED_NAME": (
        "O servidor não atende por este nome: confira o endereço configurado (alerta unrecognized_name)."
    ),
    "INTERNAL_ERROR": "O servidor teve um erro interno (alerta internal_error).",
    "DECODE_ERROR": "Motivo técnico (alerta decode_error).",
}


def fetching_a_token(url, certificate, ca_path):
    """The error of it."""
    forget_token(certificate.fingerprint)
    identity = ClientCredential(certificate.fingerprint, certificate.chain, certificate.key)
    place = Environment("simulator", f"{url}/token", f"{url}/query", str(ca_path), connect_timeout=5, read_timeout=5)
    with pytest.raises(GatewayError) as failed:
        Gateway(place, identity, cache=cache, leases=Lease, keys=keyring()).fetch_token()
    return failed.value


def alerting(name):
    """Ends every handshake with this alert."""

    def shape(context):
        context.sni_callback = lambda *_: getattr(ssl, f"ALERT_DESCRIPTION_{name}")

    return shape


@pytest.mark.parametrize("alert", ABOUT_US)
def test_alert_about_a_certificate_is_a_refused_certificate(server_certificate, certificate, ca_path, alert):
    with canned_server(server_certificate, shape=alerting(alert)) as server:
        error = fetching_a_token(server.url, certificate, ca_path)

    assert (error.trouble, error.permanent) == (ErrorKind.CREDENTIAL_REFUSED, True)


@pytest.mark.parametrize("alert", OF_OTHERS)
def test_any_other_alert_is_named_and_blames_no_certificate(server_certificate, certificate, ca_path, alert):
    with canned_server(server_certificate, shape=alerting(alert)) as server:
        error = fetching_a_token(server.url, certificate, ca_path)

    assert (error.trouble, error.permanent, failed_step(error)) == (ErrorKind.TLS_ENDED, False, CheckStep.TLS)
    assert sentence_of(error) == f"{ErrorKind.TLS_ENDED.sentence} {OF_OTHERS[alert]}"


def only_tls_1_1(context):
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1


def only_a_cipher_we_do_not_offer(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")


@pytest.mark.parametrize(
    ("shape", "alert"), [(only_tls_1_1, "PROTOCOL_VERSION"), (only_a_cipher_we_do_not_offer, "HANDSHAKE_FAILURE")]
)
def test_server_with_which_no_agreement_is_found_says_so(server_certificate, certificate, ca_path, shape, alert):
    with canned_server(server_certificate, shape=shape) as server:
        error = fetching_a_token(server.url, certificate, ca_path)

    assert (error.trouble, error.words) == (ErrorKind.TLS_ENDED, OF_OTHERS[alert])


@contextmanager
def answering(data):
    """Whatever comes, these bytes are the answer."""

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def server_hello(version):
    """ECDHE-RSA-AES128-GCM-SHA256 or AES128-SHA, without any extension: so without that of safe renegotiation."""
    cipher = 0xC02F if version == 0x0303 else 0x002F
    body = struct.pack(">H32sBHB", version, b"r" * 32, 0, cipher, 0)
    message = b"\x02" + struct.pack(">I", len(body))[1:] + body
    return struct.pack(">BHH", 0x16, version, len(message)) + message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            server_hello(0x0303),
            "O servidor usa uma renegociação antiga e insegura (UNSAFE_LEGACY_RENEGOTIATION_DISABLED).",
        ),
        (server_hello(0x0302), "O servidor só fala uma versão de TLS anterior à 1.2 (UNSUPPORTED_PROTOCOL)."),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "Quem respondeu não fala TLS: confira a porta e se há um proxy no caminho (WRONG_VERSION_NUMBER).",
        ),
    ],
    ids=["legacy renegotiation", "old version", "no TLS"],
)
def test_what_our_own_rules_refuse_is_named_as_such(certificate, ca_path, answer, words):
    with answering(answer) as url:
        error = fetching_a_token(url, certificate, ca_path)

    assert (error.trouble, failed_step(error)) == (ErrorKind.TLS_POLICY, CheckStep.TLS)
    assert sentence_of(error) == f"{ErrorKind.TLS_POLICY.sentence} {words}"


def test_line_that_breaks_without_a_word_is_no_policy(certificate, ca_path):
    with answering(b"") as url:
        error = fetching_a_token(url, certificate, ca_path)

    assert error.trouble is ErrorKind.UNREACHABLE


def test_troubles_of_the_negotiation_speak_against_the_server_not_the_certificate():
    assert {ErrorKind.TLS_ENDED, ErrorKind.TLS_POLICY} <= ABOUT_ENVIRONMENT
    assert {ErrorKind.CREDENTIAL_REFUSED, ErrorKind.TOKEN_REFUSED} == ABOUT_CREDENTIAL


def test_error_without_a_name_is_a_broken_line():
    assert cause_of(ssl.SSLError("nada")) == TlsCause(TlsFault.CUT)
