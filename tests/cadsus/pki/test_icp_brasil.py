import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, core
from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.domain.identifiers import cnpj_from_base, cpf_from_base
from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.pki.icp_brasil import read_certificate
from cadsus.pki.pkcs12 import MAX_ITERATIONS, open_container
from datasus_simulator.certificate_profiles import Profile
from datasus_simulator.pki import Issued, Protection, TestPki
from tests.cadsus.pkcs12_files import sealed_pfx, with_default_written_out

CNPJ = cnpj_from_base("112223330001")
BRANCH = cnpj_from_base("112223330002")
OTHER = cnpj_from_base("445556660001")
CPF = cpf_from_base("123456789")
NAME = "Operadora Exemplo Ltda."
PASSWORD = "segredo de teste"
NOW = datetime.now(UTC)


def issued(pki, **variant):
    return pki.issue_ecnpj(**{"cnpj": CNPJ, "legal_name": NAME, "password": PASSWORD, **variant})


def read(data, *, password=PASSWORD, cnpj=CNPJ, now=NOW):
    return read_certificate(data, password, cnpj=cnpj, now=now)


def refusal_of(data, **how):
    with pytest.raises(RefusedCertificate) as refused:
        read(data, **how)
    return refused.value.refusal


def packed(issued, *, key=True, others=None):
    """A PKCS#12 file of parts chosen one by one."""
    chain = issued.chain if others is None else others
    secret = issued.key if key else None
    return pkcs12.serialize_key_and_certificates(
        None, secret, issued.certificate, chain, BestAvailableEncryption(PASSWORD.encode())
    )


def test_certificate_tells_what_may_be_shown(pki):
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)

    certificate = read(made.pkcs12(PASSWORD))

    leaf = made.certificate
    assert (certificate.holder, certificate.cnpj, certificate.kind) == (NAME, CNPJ, "A1")
    assert certificate.policy == "2.16.76.1.2.1.999"
    assert certificate.issuer == "AC Emissora RFB de Teste"
    assert certificate.serial == f"{leaf.serial_number:X}"
    assert (certificate.not_before, certificate.not_after) == (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    assert certificate.fingerprint == leaf.fingerprint(hashes.SHA256()).hex()


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_names_longer_than_the_norm_allows_are_cut(pki, monkeypatch):
    name = x509.NameAttribute(NameOID.COMMON_NAME, f"{'OPERADORA ' * 20}:{CNPJ}", _validate=False)
    monkeypatch.setattr("datasus_simulator.pki.subject", lambda *_: x509.Name([name]))

    certificate = read(issued(pki))

    assert (certificate.holder, certificate.cnpj) == ("OPERADORA " * 15, CNPJ)


def test_of_a_holder_only_what_is_text_is_kept(pki, monkeypatch):
    name = x509.NameAttribute(NameOID.COMMON_NAME, f"OPERADORA\0 \u202eEXEMPLO:{CNPJ}")
    monkeypatch.setattr("datasus_simulator.pki.subject", lambda *_: x509.Name([name]))

    assert read(issued(pki)).holder == "OPERADORA EXEMPLO"


def test_certificate_carries_the_chain_leaf_first_and_the_key(pki):
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)

    certificate = read(made.pkcs12(PASSWORD))

    assert x509.load_pem_x509_certificates(certificate.chain) == [made.certificate, *made.chain]
    key = load_der_private_key(certificate.key, None)
    assert key.private_numbers() == made.key.private_numbers()


def test_certificate_keeps_its_key_out_of_its_text(pki):
    certificate = read(issued(pki))

    assert "key=" not in repr(certificate)
    assert repr(certificate.key)[2:40] not in repr(certificate)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [(Profile.A1, "A1"), (Profile.SE_S, "SE-S"), (Profile.AE_S, "AE-S")],
    ids=["A1", "SE-S", "AE-S"],
)
def test_certificate_of_every_kind_tells_its_cnpj(pki, profile, kind):
    certificate = read(issued(pki, profile=profile))

    assert (certificate.kind, certificate.cnpj) == (kind, CNPJ)


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        ("2.16.76.1.2.1.12", "A1"),
        ("2.16.76.1.2.3.7", "A3"),
        ("2.16.76.1.2.201.1", "SE-S"),
        ("2.16.76.1.2.202.1", "SE-H"),
        ("2.16.76.1.2.203.1", "AE-S"),
        ("2.16.76.1.2.204.1", "AE-H"),
        ("2.16.76.1.2.401.1", "AE-S"),
        ("2.16.76.1.2.402.1", "AE-H"),
        ("2.16.76.1.2.999.1", ""),
        ("1.3.6.1.4.1.99999.1", ""),
        ("2.16.76.1.3.1.1", ""),
    ],
)
def test_certificate_kind_follows_from_either_numbering_of_the_policies(pki, policy, kind):
    certificate = read(under(pki, policy))

    assert (certificate.policy, certificate.kind) == (policy, kind)


@pytest.mark.parametrize("number", ["201", "202", "203", "204", "401", "402"])
@pytest.mark.parametrize(
    ("issued", "known"),
    [(datetime(2024, 11, 3, 23, 59, tzinfo=UTC), False), (datetime(2024, 11, 4, tzinfo=UTC), True)],
    ids=["before the seals", "with the seals"],
)
def test_certificate_kind_is_no_seal_before_there_were_seals(pki, number, issued, known):
    data = under(pki, f"2.16.76.1.2.{number}.1", valid_from=issued, valid_for=timedelta(days=5 * 365))

    assert bool(read(data).kind) is known


def test_certificate_policy_of_icp_brasil_is_found_among_others(pki):
    certificate = read(under(pki, "1.3.6.1.4.1.99999.1", "2.16.76.1.2.1.12"))

    assert (certificate.policy, certificate.kind) == ("2.16.76.1.2.1.12", "A1")


def under(pki, *policies: str, **variant):
    """An e-CNPJ under other policies than those of the test PKI's profiles: signed again by the same issuer."""
    made = pki.issue(cnpj=CNPJ, legal_name=NAME, **variant)
    builder = x509.CertificateBuilder(
        issuer_name=made.certificate.issuer,
        subject_name=made.certificate.subject,
        public_key=made.key.public_key(),
        serial_number=made.certificate.serial_number,
        not_valid_before=made.certificate.not_valid_before_utc,
        not_valid_after=made.certificate.not_valid_after_utc,
    )
    for extension in made.certificate.extensions:
        if extension.oid != x509.CertificatePolicies.oid:
            builder = builder.add_extension(extension.value, extension.critical)
    named = [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in policies]
    signed = builder.add_extension(x509.CertificatePolicies(named), critical=False).sign(
        pki._issuer.key, hashes.SHA256()
    )
    return Issued(signed, made.key, made.chain).pkcs12(PASSWORD)


def test_certificate_of_a_branch_is_the_same_company(pki):
    assert read(issued(pki, cnpj=BRANCH)).cnpj == BRANCH


def test_certificate_in_triple_des_is_read(pki):
    assert read(issued(pki, protection=Protection.TRIPLE_DES)).cnpj == CNPJ


def test_certificate_with_its_root_is_read_like_one_without(pki):
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)
    root = x509.load_pem_x509_certificate(pki.root_pem)

    certificate = read(packed(made, others=(root, *reversed(made.chain))))

    assert x509.load_pem_x509_certificates(certificate.chain) == [made.certificate, *made.chain, root]


@pytest.mark.parametrize(
    ("variant", "refusal"),
    [
        ({"cnpj": OTHER}, CertificateRefusal.OTHER_CNPJ),
        ({"cnpj": CPF, "profile": Profile.E_CPF}, CertificateRefusal.PERSONAL),
        ({"valid_from": NOW - timedelta(days=400), "valid_for": timedelta(days=365)}, CertificateRefusal.EXPIRED),
        ({"valid_from": NOW + timedelta(days=2)}, CertificateRefusal.NOT_YET_VALID),
        ({"chain": False}, CertificateRefusal.BROKEN_CHAIN),
        ({"self_signed": True}, CertificateRefusal.BROKEN_CHAIN),
        ({"malformed_san": True}, CertificateRefusal.MALFORMED_SAN),
        ({"cnpj": "11222333000100"}, CertificateRefusal.MALFORMED_SAN),
    ],
    ids=lambda value: value.name if isinstance(value, CertificateRefusal) else None,
)
def test_certificate_that_does_not_serve_is_refused(pki, variant, refusal):
    assert refusal_of(issued(pki, **variant)) is refusal


def test_certificate_whose_chain_comes_from_a_namesake_is_refused(pki, tmp_path):
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)
    namesake = TestPki.open(tmp_path / "pki").issue(cnpj=CNPJ, legal_name=NAME)

    assert refusal_of(packed(made, others=namesake.chain)) is CertificateRefusal.BROKEN_CHAIN


def test_certificate_issued_by_somebody_who_is_no_authority_is_refused(pki):
    holder = pki.issue(cnpj=OTHER, legal_name="Outra Ltda.")

    made = TestPki(holder, holder, holder, holder).issue(cnpj=CNPJ, legal_name=NAME)

    assert refusal_of(made.pkcs12(PASSWORD)) is CertificateRefusal.BROKEN_CHAIN


def test_certificate_whose_issuer_has_ended_is_refused(pki):
    later = NOW + timedelta(days=365 * 30)
    data = issued(pki, valid_for=timedelta(days=365 * 40))

    assert refusal_of(data, now=later) is CertificateRefusal.ENDED_AUTHORITY


def utf_16(password):
    return password.encode("utf-16-be") + b"\0\0"


def test_certificate_that_is_not_der_is_told_apart_from_an_old_container(pki):
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)
    data = sealed_pfx(with_default_written_out(made, pki.holders_issuer.key), made.key, utf_16(PASSWORD))

    assert refusal_of(data) is CertificateRefusal.MALFORMED
    assert refusal_of(data, password="outra") is CertificateRefusal.WRONG_PASSWORD


@pytest.mark.parametrize("secret", ["ção", "senhaçãé1"])
def test_certificate_of_an_old_openssl_opens_by_its_password_with_accents(pki, secret):
    """It took each byte of the password for a letter."""
    made = pki.issue(cnpj=CNPJ, legal_name=NAME)
    der = made.certificate.public_bytes(Encoding.DER)
    today, then = (sealed_pfx(der, made.key, utf_16(each)) for each in (secret, secret.encode().decode("latin-1")))

    assert [open_container(data, secret).certificate == made.certificate for data in (today, then)] == [True, True]
    assert refusal_of(then, password="outra çã") is CertificateRefusal.WRONG_PASSWORD


def test_certificate_without_private_key_is_refused(pki):
    data = packed(pki.issue(cnpj=CNPJ, legal_name=NAME), key=False)

    assert refusal_of(data) is CertificateRefusal.NO_PRIVATE_KEY


@pytest.mark.parametrize("protection", list(Protection))
@pytest.mark.parametrize("password", ["outra", "", "segredo de teste "])
def test_certificate_with_another_password_is_refused_as_such(pki, protection, password):
    assert refusal_of(issued(pki, protection=protection), password=password) is CertificateRefusal.WRONG_PASSWORD


def test_certificate_password_may_have_accents(pki):
    assert read(issued(pki, password="ção & Ünião"), password="ção & Ünião").cnpj == CNPJ


def test_certificate_larger_than_64_kib_is_refused_unread():
    assert refusal_of(b"\x30" * (64 * 1024 + 1)) is CertificateRefusal.TOO_LARGE


@given(st.binary(max_size=400))
def test_certificate_of_any_other_bytes_is_refused_as_not_pkcs12(data):
    assert refusal_of(data) is CertificateRefusal.NOT_PKCS12


def test_certificate_in_pem_is_refused_as_not_pkcs12(pki):
    assert refusal_of(pki.issue(cnpj=CNPJ, legal_name=NAME).certificate_pem) is CertificateRefusal.NOT_PKCS12


def test_certificate_cut_short_is_refused_as_not_pkcs12(pki):
    assert refusal_of(issued(pki)[:-40]) is CertificateRefusal.NOT_PKCS12


def test_certificate_that_asks_for_endless_work_is_refused_before_it_is_done(pki):
    pfx = asn1.Pfx.load(issued(pki))
    pfx["mac_data"]["iterations"] = 2**31 - 1

    assert refusal_of(pfx.dump(force=True)) is CertificateRefusal.TOO_COSTLY


def test_certificate_that_asks_for_endless_work_in_many_small_pieces_is_refused_as_well(pki):
    pfx = asn1.Pfx.load(issued(pki))
    begin = refusal_of_iterations(pfx, MAX_ITERATIONS // 2), refusal_of_iterations(pfx, MAX_ITERATIONS)

    assert begin == (CertificateRefusal.WRONG_PASSWORD, CertificateRefusal.TOO_COSTLY)


class Pbmac1(core.Sequence):
    _fields = [("kdf", algos.KdfAlgorithm), ("scheme", algos.HmacAlgorithm)]


@pytest.mark.parametrize(("iterations", "refusal"), [(2_000, "WRONG_PASSWORD"), (2**31 - 1, "TOO_COSTLY")])
def test_certificate_whose_seal_asks_for_endless_work_in_the_new_way_is_refused_as_well(pki, iterations, refusal):
    pfx = asn1.Pfx.load(issued(pki))
    rounds = {"salt": algos.Pbkdf2Salt("specified", b"12345678"), "iteration_count": iterations, "key_length": 32}
    kdf = {"algorithm": "pbkdf2", "parameters": {**rounds, "prf": {"algorithm": "sha256"}}}
    seal = Pbmac1({"kdf": kdf, "scheme": {"algorithm": "sha256"}})
    pfx["mac_data"]["mac"]["digest_algorithm"] = {"algorithm": "1.2.840.113549.1.5.14", "parameters": seal}

    assert refusal_of(pfx.dump(force=True)).name == refusal


def refusal_of_iterations(pfx, iterations):
    """Of the seal alone; the contents ask for some more."""
    pfx["mac_data"]["iterations"] = iterations
    return refusal_of(pfx.dump(force=True))


@pytest.mark.skipif(not shutil.which("openssl"), reason="only the openssl command writes RC2 files")
@pytest.mark.parametrize(("password", "refusal"), [(PASSWORD, "OLD_FORMAT"), ("outra", "WRONG_PASSWORD")])
def test_certificate_in_rc2_is_told_apart_from_a_wrong_password(pki, tmp_path, password, refusal):
    """Where OpenSSL comes without its legacy part; where it has it, the file simply opens."""
    data = _in_rc2(pki.issue(cnpj=CNPJ, legal_name=NAME), tmp_path)
    program = (
        "import sys; from cadsus.pki.pkcs12 import open_container; from cadsus.pki.errors import RefusedCertificate\n"
        "try: open_container(sys.stdin.buffer.read(), sys.argv[1])\n"
        "except RefusedCertificate as refused: print(refused.refusal.name)"
    )
    environment = {**os.environ, "CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1"}

    ran = subprocess.run(
        [sys.executable, "-c", program, password], input=data, env=environment, capture_output=True, check=True
    )

    assert ran.stdout.decode().strip() == refusal


@pytest.mark.skipif(not shutil.which("openssl"), reason="only the openssl command writes RC2 files")
def test_certificate_in_rc2_is_read_where_openssl_can(pki, tmp_path):
    data = _in_rc2(pki.issue(cnpj=CNPJ, legal_name=NAME), tmp_path)

    assert read(data).cnpj == CNPJ


def _in_rc2(made, folder):
    (folder / "all.pem").write_bytes(made.key_pem + made.certificate_pem)
    command = ["openssl", "pkcs12", "-export", "-legacy", "-in", folder / "all.pem", "-passout", f"pass:{PASSWORD}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_refusals_are_sentences_that_say_what_to_do():
    for refusal in CertificateRefusal:
        assert refusal.value.endswith(".")
        assert refusal.value[0].isupper()


def test_refusal_names_the_companies_and_the_dates(pki):
    with pytest.raises(RefusedCertificate) as refused:
        read(issued(pki, cnpj=OTHER))

    assert str(refused.value) == (
        "O certificado é do CNPJ 44.555.666/0001-81, de outra empresa. Envie o e-CNPJ do CNPJ 11.222.333/0001-81."
    )
