import secrets
from ssl import TLSVersion

import pytest
from django.core.cache import cache
from django.utils import timezone
from lxml import etree

from beneficiaries.domain.identifiers import cnpj_from_base
from cadsus.client import gateway as door
from cadsus.client.errors import ErrorKind, GatewayError
from cadsus.client.gateway import ClientCredential, Environment, Gateway
from cadsus.client.pdq_query import Search
from cadsus.pki.icp_brasil import read_certificate
from cnsportal.leases import Lease
from cnsportal.security.envelope_encryption import Keyring
from datasus_simulator.pki import TestPki
from tests.cadsus import soap
from tests.cadsus.canned_server import TOKEN, Canned, canned_server

CNPJ = cnpj_from_base("112223330001")
BY_CPF = Search(cpf=soap.CPF_NUMBER)
FOUND = Canned(soap.reply(soap.WHOLE))
JSON = {"content_type": "application/json"}


@pytest.fixture(scope="module")
def identity(certificate):
    return opened(certificate)


def opened(certificate):
    """As the services open it."""
    return ClientCredential(certificate.fingerprint, certificate.chain, certificate.key)


@pytest.fixture
def server(server):
    """One that knows whom it is asked about."""
    server.answers["/query"] = FOUND
    return server


@pytest.fixture
def gateway(server, identity, ca_path):
    return gateway_to(server, identity, ca_path)


def gateway_to(server, identity, ca_path, **facts):
    """A gateway that no other test shares its token with."""
    urls = {"token_url": f"{server.url}/token", "query_url": f"{server.url}/query", "ca_bundle": str(ca_path)}
    environment = Environment(**{"name": secrets.token_hex(8), **urls, **facts})
    return Gateway(environment, identity, cache=cache, leases=Lease, keys=Keyring({"teste": secrets.token_bytes(32)}))


def trouble_of(gateway, search=BY_CPF):
    with pytest.raises(GatewayError) as error:
        gateway.ask(search)
    return error.value


def paths(server):
    return [path for path, *_ in server.received]


def test_gateway_brings_the_answer(gateway):
    answer = gateway.ask(BY_CPF)

    assert (answer.http_status, answer.reply.response_code) == (200, "OK")
    assert [person.cpf for person in answer.reply.registrants] == [soap.CPF_NUMBER]


def test_gateway_shows_the_certificate_for_the_token_alone(gateway, server):
    gateway.ask(BY_CPF)

    assert [(path, certificate) for path, _, _, certificate in server.received] == [("/token", True), ("/query", False)]


def test_gateway_shows_the_certificate_on_the_query_too_where_the_settings_say_so(server, identity, ca_path):
    gateway_to(server, identity, ca_path, certificate_on_query=True).ask(BY_CPF)

    assert [certificate for _, _, _, certificate in server.received] == [True, True]


def test_gateway_sends_what_the_service_expects(gateway, server):
    gateway.ask(BY_CPF)

    _, headers, body, _ = server.received[-1]
    assert headers["Authorization"] == "jwt token-de-teste"
    assert headers["Content-Type"] == ('application/soap+xml; charset=utf-8; action="urn:hl7-org:v3:PRPA_IN201305UV02"')
    value = etree.fromstring(body).find(".//{urn:hl7-org:v3}livingSubjectId/{urn:hl7-org:v3}value")
    assert value.get("extension") == soap.CPF_NUMBER


def test_gateway_keeps_the_token_for_the_next_question(gateway, server):
    for _ in range(3):
        gateway.ask(BY_CPF)

    assert paths(server) == ["/token", "/query", "/query", "/query"]


@pytest.mark.parametrize("status", [401, 403])
def test_gateway_replaces_a_refused_token_once(gateway, server, status):
    server.answers["/token"] = [Canned(TOKEN, **JSON), Canned(TOKEN.replace(b"token-de", b"novo-de"), **JSON)]
    server.answers["/query"] = [Canned(status=status, content_type="text/plain"), FOUND]

    assert gateway.ask(BY_CPF).reply.response_code == "OK"
    assert paths(server) == ["/token", "/query", "/token", "/query"]
    assert server.received[-1][1]["Authorization"] == "jwt novo-de-teste"


@pytest.mark.parametrize("status", [401, 403])
def test_gateway_gives_up_on_the_second_refusal(gateway, server, status):
    server.answers["/query"] = Canned(status=status, content_type="text/plain")

    error = trouble_of(gateway)

    assert (error.trouble, error.http_status, error.permanent) == (ErrorKind.TOKEN_REFUSED, status, True)
    assert paths(server) == ["/token", "/query", "/token", "/query"]


HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (Canned(soap.fault(), 500), ErrorKind.FAULT),
        (Canned(soap.fault(), 200), ErrorKind.FAULT),
        (Canned(soap.fault("S:Sender"), 400), ErrorKind.QUESTION_REFUSED),
        (Canned(soap.reply(ack="AE", code="AE")), ErrorKind.QUESTION_REFUSED),
        (Canned(soap.reply(code="QE")), ErrorKind.QUESTION_REFUSED),
        (Canned(b"<html><body>Fora do ar</body></html>", 503, HTML), ErrorKind.UNAVAILABLE),
        (Canned(b"<html><body>Fora do ar<br></body></html>", 502, HTML), ErrorKind.UNAVAILABLE),
        (Canned(b"<html/>", 500, "text/xml"), ErrorKind.UNAVAILABLE),
        (Canned(soap.reply(soap.WHOLE), 500), ErrorKind.UNAVAILABLE),
        (Canned(b"<html><body>Manutencao</body></html>", 200, HTML), ErrorKind.UNREADABLE),
        (Canned(b"<html><body>Manutencao</body></html>"), ErrorKind.UNREADABLE),
        (Canned(soap.reply(soap.WHOLE), content_type="text/html"), ErrorKind.UNREADABLE),
        (Canned(soap.reply(soap.WHOLE), content_type=""), ErrorKind.UNREADABLE),
        (Canned(b""), ErrorKind.UNREADABLE),
        (Canned(b"", 202), ErrorKind.UNREADABLE),
        (Canned(soap.reply(soap.WHOLE)[:-200]), ErrorKind.UNREADABLE),
        (Canned(soap.reply(code="")), ErrorKind.UNREADABLE),
        (Canned(b"", 404, HTML), ErrorKind.UNREADABLE),
        (Canned(b"", 302, HTML, {"Location": "https://example.invalid/"}), ErrorKind.UNREADABLE),
        (Canned(b"", 429, "text/plain"), ErrorKind.THROTTLED),
        (Canned(soap.fault(), 429), ErrorKind.THROTTLED),
    ],
)
def test_gateway_gives_every_failing_answer_its_name(gateway, server, answer, trouble):
    server.answers["/query"] = answer

    error = trouble_of(gateway)

    assert (error.trouble, error.http_status) == (trouble, answer.status)
    assert error.permanent is (trouble is ErrorKind.QUESTION_REFUSED)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)])
def test_gateway_tells_how_long_the_service_wants_peace(gateway, server, told, seconds):
    server.answers["/query"] = Canned(b"", 429, "text/plain", {"Retry-After": told})

    assert trouble_of(gateway).retry_after == seconds


def test_gateway_reads_a_reply_after_a_byte_order_mark(gateway, server):
    server.answers["/query"] = Canned(b"\xef\xbb\xbf" + soap.reply(code="NF"))

    assert gateway.ask(BY_CPF).reply.response_code == "NF"


def test_gateway_reads_a_reply_of_several_parts(gateway, server):
    body = b"--Part\r\nContent-Type: application/xop+xml\r\n\r\n" + FOUND.body + b"\r\n--Part--\r\n"
    server.answers["/query"] = Canned(
        body, content_type='multipart/related; type="application/xop+xml"; boundary="Part"'
    )

    assert len(gateway.ask(BY_CPF).reply.registrants) == 1


def test_gateway_stops_at_an_answer_without_end(gateway, server, monkeypatch):
    monkeypatch.setattr(door, "MAX_ANSWER_BYTES", 1000)

    assert trouble_of(gateway).trouble is ErrorKind.TOO_LARGE


def test_gateway_names_an_answer_that_breaks_off(gateway, server):
    server.answers["/query"] = Canned(FOUND.body, length=len(FOUND.body) + 100)

    assert trouble_of(gateway).trouble is ErrorKind.UNREACHABLE


@pytest.mark.parametrize("pause", [1.0, 0.02], ids=["silent", "dripping"])
def test_gateway_does_not_wait_for_ever(server, identity, ca_path, pause):
    server.answers["/query"] = Canned(FOUND.body, pause=pause)
    impatient = gateway_to(server, identity, ca_path, connect_timeout=0.3, read_timeout=0.3)

    assert trouble_of(impatient).trouble is ErrorKind.TIMEOUT


def test_gateway_names_a_host_that_is_not_there(server, identity, ca_path):
    away = gateway_to(server, identity, ca_path, token_url="https://localhost:1/token")

    error = trouble_of(away)

    assert (error.trouble, error.http_status, error.permanent) == (ErrorKind.UNREACHABLE, None, False)


def test_gateway_does_not_believe_a_server_of_another_authority(server, identity, pki, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(TestPki.open(tmp_path / "pki").server_ca_pem)

    assert trouble_of(gateway_to(server, identity, other)).trouble is ErrorKind.SERVER_UNTRUSTED
    assert server.received == []


def test_gateway_does_not_believe_a_server_of_another_name(pki, identity, ca_path):
    with canned_server(pki.issue_server(["example.invalid"])) as server:
        assert trouble_of(gateway_to(server, identity, ca_path)).trouble is ErrorKind.SERVER_UNTRUSTED


def test_gateway_without_a_bundle_trusts_the_public_authorities_alone(server, identity):
    assert trouble_of(gateway_to(server, identity, None, ca_bundle=None)).trouble is ErrorKind.SERVER_UNTRUSTED


def test_gateway_takes_no_authority_from_the_machines_environment(server, identity, ca_path, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_path))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(ca_path))

    assert trouble_of(gateway_to(server, identity, None, ca_bundle=None)).trouble is ErrorKind.SERVER_UNTRUSTED


@pytest.mark.parametrize("newest", [TLSVersion.TLSv1_2, TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_gateway_says_when_the_handshake_refused_the_certificate(pki, server_certificate, ca_path, tmp_path, newest):
    data = TestPki.open(tmp_path / "pki").issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")
    stranger = opened(read_certificate(data, "x", cnpj=CNPJ, now=timezone.now()))

    with canned_server(server_certificate, pki.root_pem, required=True, newest=newest) as server:
        error = trouble_of(gateway_to(server, stranger, ca_path))

    assert (error.trouble, error.permanent) == (ErrorKind.CREDENTIAL_REFUSED, True)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (Canned(b"", 401, "text/plain"), ErrorKind.CREDENTIAL_REFUSED),
        (Canned(b"{}", 403, "application/json"), ErrorKind.CREDENTIAL_REFUSED),
        (Canned(b"<html/>", 500, HTML), ErrorKind.UNAVAILABLE),
        (Canned(b"", 429, HTML), ErrorKind.THROTTLED),
        (Canned(b"<html/>", 200, HTML), ErrorKind.TOKEN_UNREADABLE),
        (Canned(b"{}", 200, "application/json"), ErrorKind.TOKEN_UNREADABLE),
    ],
)
def test_gateway_gives_every_failing_token_answer_its_name(gateway, server, answer, trouble):
    server.answers["/token"] = answer

    error = trouble_of(gateway)

    assert (error.trouble, error.http_status) == (trouble, answer.status)
    assert paths(server) == ["/token"]


def test_gateway_errors_say_nothing_of_the_question(gateway, server):
    server.answers["/query"] = Canned(soap.fault(), 500)

    error = trouble_of(gateway)

    assert (str(error), error.__cause__, error.__suppress_context__) == ("FAULT", None, True)


def test_troubles_are_sentences():
    for trouble in ErrorKind:
        assert trouble.sentence.endswith(".")
        assert trouble.sentence[0].isupper()


def test_credential_keeps_its_key_out_of_its_text(identity):
    assert repr(identity) == f"ClientCredential(fingerprint='{identity.fingerprint}')"
