"""What issuers say of certificates, over real HTTP: believed where it is theirs, of today, and of this very one."""

import socket
import time
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils.timezone import now
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from cadsus.models import Credential, CredentialState, EnvironmentName, Revocation
from cadsus.pki.revocation import RevocationStatus, Sources, Unproven, ocsp_question, read_list, read_ocsp, sources
from cadsus.services import check_revocations, credential_in_use, seal_credential
from cadsus.tasks import check_revocations as scheduled
from cnsportal.security import safe_http
from cnsportal.security.safe_http import FetchError, fetch, is_public
from datasus_simulator.pki import TestPki
from datasus_simulator.revocation_server import Conduct, RevocationOffice
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cadsus.certificates import CNPJ, read
from tests.factories import OperatorFactory

SIMULATOR = EnvironmentName.SIMULATOR


@pytest.fixture
def credential(watched_credential):
    return watched_credential


def said(credential):
    check_revocations()
    credential.refresh_from_db()
    return credential.revocation


def test_sources_are_the_responders_and_the_lists_that_the_certificate_names(issued, office):
    assert sources(issued.certificate) == Sources((f"{office.url}/ocsp",), (f"{office.url}/revogados.crl",))


def test_sources_of_a_certificate_that_cannot_be_read_are_none(pki):
    odd = pki.issue(cnpj=CNPJ, legal_name="X", malformed_san=True)

    assert sources(odd.certificate) in (Sources(), Sources((), ("http://icp.example.invalid/revogados.crl",)))


def test_good_certificate_is_said_to_be_good(credential, office):
    assert said(credential) == Revocation.GOOD
    assert timezone_close(credential.revocation_checked_at)
    assert office.asked == ["/ocsp"], "the list is long, and not needed"


def timezone_close(moment):
    return abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def test_revoked_certificate_is_said_to_be_revoked_and_stays_in_use(credential, issued, office):
    office.revoke(issued.certificate)

    assert said(credential) == Revocation.REVOKED
    assert credential_in_use("simulator") == credential


@pytest.mark.parametrize("revoked", [False, True], ids=["good", "revoked"])
@pytest.mark.parametrize("conduct", [conduct for conduct in Conduct if conduct not in {Conduct.HONEST, Conduct.DRIP}])
def test_list_is_read_where_the_responder_says_nothing_that_counts(credential, issued, office, conduct, revoked):
    office.answers = conduct
    if revoked:
        office.revoke(issued.certificate)

    assert said(credential) == (Revocation.REVOKED if revoked else Revocation.GOOD)
    assert office.asked[:2] == ["/ocsp", "/revogados.crl"]


@pytest.mark.parametrize("conduct", [conduct for conduct in Conduct if conduct not in {Conduct.HONEST, Conduct.DRIP}])
def test_certificate_is_unchecked_where_nothing_counts(credential, issued, office, conduct):
    office.answers, office.lists = Conduct.UNAVAILABLE, conduct
    office.revoke(issued.certificate)

    assert (said(credential), credential.revocation_checked_at) == (Revocation.UNCHECKED, None)


def test_certificate_is_unchecked_where_nobody_can_be_reached(certificate, operator):
    """Of a domain that does not exist."""
    credential = seal_credential(certificate, SIMULATOR)

    assert said(credential) == Revocation.UNCHECKED


def test_last_answer_is_kept_for_a_week_without_a_new_one(credential, office, time_machine):
    check_revocations()
    moment = Credential.objects.get().revocation_checked_at
    office.answers = office.lists = Conduct.UNAVAILABLE

    time_machine.move_to(moment + timedelta(days=6), tick=False)
    within = said(credential), credential.revocation_checked_at
    time_machine.move_to(moment + timedelta(days=8), tick=False)
    after = said(credential), credential.revocation_checked_at

    assert (within, after) == ((Revocation.GOOD, moment), (Revocation.UNCHECKED, None))


def test_revocation_is_remembered_when_nobody_can_be_reached_any_more(credential, issued, office, time_machine):
    office.revoke(issued.certificate)
    check_revocations()
    office.answers = office.lists = Conduct.UNAVAILABLE
    time_machine.move_to(datetime.now(UTC) + timedelta(days=30), tick=False)

    assert said(credential) == Revocation.REVOKED


def test_suspension_that_ends_is_good_again(credential, issued, office):
    office.revoke(issued.certificate)
    first = said(credential)
    office.revoked.clear()

    assert (first, said(credential)) == (Revocation.REVOKED, Revocation.GOOD)


def test_revocation_is_on_the_audit_trail_once(credential, issued, office):
    office.revoke(issued.certificate)
    check_revocations()
    check_revocations()

    events = AuditEvent.objects.filter(kind="credential.revoked")
    assert [(event.subject_id, event.data) for event in events] == [
        (credential.pk, {"environment": "simulator", "fingerprint": credential.fingerprint})
    ]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"state": CredentialState.STAGED}, ["/ocsp"]),
        ({"state": CredentialState.RETIRED}, []),
        ({"key_id": ""}, []),
        ({"not_after": now() - timedelta(days=1)}, []),
    ],
    ids=["next", "retired", "destroyed", "ended"],
)
def test_only_certificates_that_are_or_may_come_into_use_are_asked_about(credential, office, change, asked):
    Credential.objects.update(**change)

    check_revocations()

    assert office.asked == asked


@pytest.mark.django_db(transaction=True)
def test_schedule_asks_for_every_operator(issued, office, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"
    for operator in OperatorFactory.create_batch(2):
        with operator_context(operator.pk):
            seal_credential(read(issued.pkcs12("x")), SIMULATOR)
    office.asked.clear()

    scheduled.apply()

    assert office.asked == ["/ocsp", "/ocsp"]


@pytest.mark.django_db(transaction=True)
def test_sealing_calls_a_worker_that_asks_at_once(issued, office, settings, monkeypatch):
    from celery import current_app

    settings.CADSUS_ENVIRONMENT = "simulator"
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: sent.append((name, options)))
    operator = OperatorFactory()

    with operator_context(operator.pk):
        seal_credential(read(issued.pkcs12("x")), SIMULATOR)

    assert sent == [("cadsus.check_revocations_here", {"kwargs": {"operator_id": operator.pk}, "queue": "bulk"})]


@pytest.mark.parametrize(
    ("usages", "standing"),
    [([ExtendedKeyUsageOID.OCSP_SIGNING], RevocationStatus.GOOD), ([ExtendedKeyUsageOID.CLIENT_AUTH], None)],
    ids=["entrusted", "any other holder"],
)
def test_answer_counts_from_those_whom_the_issuer_entrusted(pki, issued, usages, standing):
    issuer = issued.chain[0]
    answer = RevocationOffice(pki, pki.issue_responder(*usages)).answer(ocsp_question(issued.certificate, issuer))

    assert standing_or_none(read_ocsp, answer, issued.certificate, issuer, now()) == standing


def standing_or_none(read_answer, *arguments: object):
    try:
        return read_answer(*arguments)
    except Unproven:
        return None


def test_answer_of_somebody_entrusted_by_another_issuer_does_not_count(pki, issued, tmp_path):
    stranger = TestPki.open(tmp_path / "strange").issue_responder(ExtendedKeyUsageOID.OCSP_SIGNING)
    issuer = issued.chain[0]
    answer = RevocationOffice(pki, stranger).answer(ocsp_question(issued.certificate, issuer))

    with pytest.raises(Unproven, match="neither the issuer nor anybody it entrusted"):
        read_ocsp(answer, issued.certificate, issuer, now())


def test_answer_about_another_certificate_does_not_count(pki, issued):
    other = pki.issue(cnpj=CNPJ, legal_name="Operadora Exemplo")
    issuer = issued.chain[0]
    answer = RevocationOffice(pki).answer(ocsp_question(other.certificate, issuer))

    with pytest.raises(Unproven, match="another certificate"):
        read_ocsp(answer, issued.certificate, issuer, now())


def test_responder_that_does_not_know_or_is_busy_says_nothing(issued):
    answer = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER)

    with pytest.raises(Unproven, match="TRY_LATER"):
        read_ocsp(answer, issued.certificate, issued.chain[0], now())


@pytest.mark.parametrize(
    ("shift", "standing"),
    [(timedelta(minutes=-4), RevocationStatus.GOOD), (timedelta(minutes=-10), None), (timedelta(days=2), None)],
    ids=str,
)
def test_answer_counts_on_its_days_give_or_take_the_clocks(pki, issued, shift, standing):
    issuer, office = issued.chain[0], RevocationOffice(pki)
    answer, moment = office.answer(ocsp_question(issued.certificate, issuer)), datetime.now(UTC)

    assert standing_or_none(read_ocsp, answer, issued.certificate, issuer, moment + shift) == standing


def test_list_is_taken_as_pem_too(pki, issued):
    pem = x509.load_der_x509_crl(RevocationOffice(pki).list()).public_bytes(Encoding.PEM)

    assert read_list(pem, issued.certificate, issued.chain[0], now()) is RevocationStatus.GOOD


def test_list_of_another_issuer_does_not_count(pki, issued, tmp_path):
    theirs = RevocationOffice(TestPki.open(tmp_path / "strange")).list()

    with pytest.raises(Unproven):
        read_list(theirs, issued.certificate, issued.chain[0], now())


@pytest.mark.parametrize(
    ("part", "standing"),
    [
        ({}, RevocationStatus.GOOD),
        ({"only_contains_user_certs": True}, RevocationStatus.GOOD),
        ({"only_contains_ca_certs": True}, None),
    ],
    ids=str,
)
def test_list_that_leaves_out_holders_does_not_count(pki, issued, part, standing):
    flags = dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl"), False)
    point = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier("http://icp.example.invalid/r.crl")],
        relative_name=None,
        only_some_reasons=None,
        only_contains_attribute_certs=False,
        **{**flags, **part},
    )
    issuer = pki.holders_issuer
    draft = x509.CertificateRevocationListBuilder(issuer.certificate.subject, now(), now() + timedelta(days=1))
    der = draft.add_extension(point, critical=True).sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    assert standing_or_none(read_list, der, issued.certificate, issued.chain[0], now()) == standing


def test_part_of_a_list_does_not_count(pki, issued):
    issuer = pki.holders_issuer
    draft = x509.CertificateRevocationListBuilder(issuer.certificate.subject, now(), now() + timedelta(days=1))
    part = draft.add_extension(x509.DeltaCRLIndicator(1), critical=True).sign(issuer.key, hashes.SHA256())

    with pytest.raises(Unproven, match="part"):
        read_list(part.public_bytes(Encoding.DER), issued.certificate, issued.chain[0], now())


@pytest.fixture(scope="module")
def honest(pki, issued):
    """Both documents, which say that the certificate was revoked."""
    office = RevocationOffice(pki)
    office.revoke(issued.certificate)
    return office.answer(ocsp_question(issued.certificate, issued.chain[0])), office.list()


@effort(max_examples=150)
@given(place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_answers_with_one_bit_changed_never_make_a_revoked_certificate_good(issued, honest, place, bit):
    leaf, issuer = issued.certificate, issued.chain[0]
    for read_answer, document in zip((read_ocsp, read_list), honest, strict=True):
        changed = bytearray(document)
        changed[place % len(document)] ^= 1 << bit
        assert standing_or_none(read_answer, bytes(changed), leaf, issuer, now()) in {None, RevocationStatus.REVOKED}


def test_list_of_a_version_that_does_not_exist_proves_nothing(issued, honest):
    unheard = honest[1].replace(b"\x02\x01\x01", b"\x02\x01\x07", 1)

    assert standing_or_none(read_list, unheard, issued.certificate, issued.chain[0], now()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_no_answer(issued, noise):
    for read_answer in (read_ocsp, read_list):
        assert standing_or_none(read_answer, noise, issued.certificate, issued.chain[0], now()) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104  (an address to refuse)
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("::127.0.0.1", False),
        ("::8.8.8.8", False),
        ("::", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("5f00::1", False),
        ("3fff::1", False),
        ("2001:db8::1", False),
        ("2001::1", False),
        ("100::1", False),
        ("4000::1", False),
        ("192.88.99.1", False),
        ("192.0.0.8", False),
        ("192.0.0.9", False),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("240.0.0.1", False),
        ("239.1.1.1", False),
        ("200.160.2.3", True),
        ("2801:82::1", True),
        ("2606:4700::1111", True),
    ],
)
def test_only_addresses_of_the_internet_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://[::1]/x",
        "http://2130706433/x",  # 127.0.0.1 as one number
        "http://169.254.169.254/latest/meta-data",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "ldap://example.com/x",
        "http://user:secret@example.com/x",
        "http://example.com:25/x",
        "http:///x",
        "http://[::1/x",
        "",
        "http://exa mple.com/\r\nX: y",
    ],
)
def test_places_that_no_authority_publishes_at_are_never_asked(url, monkeypatch):
    def connect(*_: object):
        pytest.fail("a connection was made")

    monkeypatch.setattr(safe_http.socket, "create_connection", connect)

    with pytest.raises(FetchError):
        fetch(url)


def test_certificate_that_names_this_machine_is_not_asked_about_in_production(issued, operator, office, settings):
    settings.CADSUS_ENVIRONMENT = "production"
    for environment in (EnvironmentName.PRODUCTION, SIMULATOR):
        seal_credential(read(issued.pkcs12("x")), environment)

    check_revocations()

    assert (office.asked, set(Credential.objects.values_list("revocation", flat=True))) == ([], {Revocation.UNCHECKED})


def test_address_that_was_checked_is_the_one_connected_to(monkeypatch):
    """Were the name looked up a second time, a stranger's server could give another answer then."""
    looked_up, connected = [], []

    class Network(ModuleType):
        SOCK_STREAM = socket.SOCK_STREAM

        def getaddrinfo(self, host, port, **_: object):
            looked_up.append(host)
            return [(2, 1, 6, "", ("8.8.8.8", port))]

        def create_connection(self, address, _timeout):
            connected.append(address)
            raise OSError

    monkeypatch.setattr(safe_http, "socket", Network("socket"))

    with pytest.raises(FetchError):
        fetch("http://icp.example.invalid/revogados.crl")
    assert (looked_up, connected) == (["icp.example.invalid"], [("8.8.8.8", 80)])


@pytest.mark.parametrize("conduct", [Conduct.HUGE, Conduct.REDIRECT, Conduct.UNAVAILABLE])
def test_what_is_too_large_or_elsewhere_is_not_fetched(office, conduct):
    office.lists = conduct

    with pytest.raises(FetchError):
        fetch(f"{office.url}/revogados.crl", allow_private=True)
    assert office.asked == ["/revogados.crl"]


def test_server_that_drips_is_hung_up_on(office):
    office.lists, begin = Conduct.DRIP, time.monotonic()

    content = fetch(f"{office.url}/revogados.crl", allow_private=True, timeout=0.4)

    assert len(content) < 20
    assert time.monotonic() - begin < 3
