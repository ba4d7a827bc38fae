import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from datasus_simulator.certificate_profiles import Profile
from datasus_simulator.pki import Issued, Protection, TestPki

CNPJ, CPF, NAME = "11222333000181", "52998224725", "OPERADORA FICTICIA LTDA"


def issue(pki, **variant):
    return pki.issue(cnpj=CNPJ, legal_name=NAME, **variant)


def other_names(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {
        name.type_id.dotted_string: core.load(name.value).native for name in names.get_values_for_type(x509.OtherName)
    }


def policy(certificate):
    return (
        certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
        .value[0]
        .policy_identifier.dotted_string
    )


def serial_number(certificate):
    return [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]


def verify(pki, issued):
    root = x509.load_pem_x509_certificate(pki.root_pem)
    verifier = PolicyBuilder().store(Store([root])).build_client_verifier()
    return verifier.verify(issued.certificate, list(issued.chain)).chain


def test_ecnpj_says_the_cnpj_where_the_rfb_layout_puts_it(pki):
    certificate = issue(pki).certificate

    names = other_names(certificate)

    assert Issued(certificate, None).common_name == f"{NAME}:{CNPJ}"
    assert names["2.16.76.1.3.3"] == CNPJ.encode()
    assert names["2.16.76.1.3.2"] == "RESPONSAVEL FICTICIO DOS TESTES"
    assert names["2.16.76.1.3.7"] == "000000000000"
    assert (len(names["2.16.76.1.3.4"]), names["2.16.76.1.3.4"][8:19]) == (51, CPF.encode())
    assert policy(certificate) == "2.16.76.1.2.1.999"


def test_ecnpj_may_authenticate_a_client(pki):
    extensions = issue(pki).certificate.extensions

    usage = extensions.get_extension_for_class(x509.KeyUsage)
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment, usage.value.key_encipherment) == (True,) * 3
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]


def test_ecnpj_chains_to_the_root_through_two_intermediates(pki):
    assert [each.subject for each in verify(pki, issue(pki))][-1] == x509.load_pem_x509_certificate(
        pki.root_pem
    ).subject
    assert len(verify(pki, issue(pki))) == 4


def test_chain_pem_holds_the_intermediates_from_the_issuer_up(pki):
    issuer, middle = x509.load_pem_x509_certificates(pki.chain_pem)

    assert (issue(pki).certificate.issuer, issuer.issuer) == (issuer.subject, middle.subject)
    assert middle.issuer == x509.load_pem_x509_certificate(pki.root_pem).subject


def test_long_names_are_cut_so_that_the_cnpj_stays_whole(pki):
    certificate = pki.issue(cnpj=CNPJ, legal_name="OPERADORA " * 9)

    assert certificate.common_name == ("OPERADORA " * 9)[:49] + f":{CNPJ}"


@pytest.mark.parametrize(
    ("profile", "oid", "usage"),
    [
        (Profile.SE_S, "2.16.76.1.2.201.999", (True, True, False)),
        (Profile.AE_S, "2.16.76.1.2.203.999", (True, False, True)),
    ],
)
def test_seals_say_the_cnpj_in_the_serial_number_and_have_no_alternative_name(pki, profile, oid, usage):
    certificate = issue(pki, profile=profile).certificate
    keys = certificate.extensions.get_extension_for_class(x509.KeyUsage).value

    assert (serial_number(certificate), policy(certificate)) == ([CNPJ], oid)
    assert (keys.digital_signature, keys.content_commitment, keys.key_encipherment) == usage
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_ecpf_says_a_person_and_no_company(pki):
    certificate = pki.issue(cnpj=CPF, legal_name="PESSOA FICTICIA", profile=Profile.E_CPF).certificate

    names = other_names(certificate)

    assert (list(names), names["2.16.76.1.3.1"][8:19]) == (["2.16.76.1.3.1"], CPF.encode())


def test_validity_is_as_wanted(pki):
    begin = datetime(2020, 1, 1, tzinfo=UTC)

    expired = issue(pki, valid_from=begin, valid_for=timedelta(days=30))
    future = issue(pki, valid_from=datetime.now(UTC) + timedelta(days=5))

    assert expired.certificate.not_valid_after_utc == begin + timedelta(days=30)
    for unfit in (expired, future):
        with pytest.raises(VerificationError):
            verify(pki, unfit)


def test_self_signed_is_its_own_issuer_and_does_not_chain(pki):
    issued = issue(pki, self_signed=True)

    assert issued.certificate.issuer == issued.certificate.subject
    issued.certificate.verify_directly_issued_by(issued.certificate)
    with pytest.raises(VerificationError):
        verify(pki, issued)


def test_file_without_chain_holds_the_certificate_alone(pki):
    data = pki.issue_ecnpj(cnpj=CNPJ, legal_name=NAME, password="segredo", chain=False)

    assert Issued.read(data, "segredo").chain == ()


def test_malformed_alternative_name_cannot_be_read(pki):
    certificate = issue(pki, malformed_san=True).certificate

    with pytest.raises(ValueError, match="OtherName"):
        list(certificate.extensions)


@pytest.mark.parametrize(
    ("protection", "oid"),
    [(Protection.AES, "2.16.840.1.101.3.4.1.42"), (Protection.TRIPLE_DES, "1.2.840.113549.1.12.1.3")],
)
def test_file_opens_with_its_password_and_is_protected_as_wanted(pki, protection, oid):
    data = pki.issue_ecnpj(cnpj=CNPJ, legal_name=NAME, password="segredo", protection=protection)

    assert core.ObjectIdentifier(oid).dump() in data
    assert Issued.read(data, "segredo").common_name == f"{NAME}:{CNPJ}"
    with pytest.raises(ValueError, match="password"):
        Issued.read(data, "outra")


def test_read_refuses_a_file_without_key(pki):
    data = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(issue(pki).certificate, b"x")], NoEncryption())

    with pytest.raises(ValueError, match="RSA key"):
        Issued.read(data, "")


def test_pki_opened_again_is_the_same(tmp_path):
    first = TestPki.open(tmp_path / "pki")

    again = TestPki.open(tmp_path / "pki")

    assert (again.root_pem, again.chain_pem, again.server_ca_pem) == (
        first.root_pem,
        first.chain_pem,
        first.server_ca_pem,
    )
    assert len(verify(first, issue(again))) == 4


def test_pki_opened_by_two_at_once_is_one(tmp_path):
    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(TestPki.open, [tmp_path / "pki"] * 2)

    assert (one.root_pem, one.server_ca_pem) == (two.root_pem, two.server_ca_pem)
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_keys_are_readable_by_their_owner_alone(tmp_path):
    TestPki.open(tmp_path / "pki")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "pki").glob("*.key")}

    assert modes == {0o600}
