from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from beneficiaries.domain.identifiers import cnpj_from_base
from cadsus.pki.chain import Authorities, issuers
from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.pki.icp_brasil import read_certificate
from datasus_simulator.certificate_profiles import Profile
from datasus_simulator.pki import TestPki

CNPJ = cnpj_from_base("112223330001")
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def known(pki):
    """The whole PKI, as a server has it in a file."""
    return Authorities.read(pki.chain_pem + pki.root_pem)


@pytest.fixture(scope="module")
def roots_alone(pki):
    return Authorities.read(pki.root_pem)


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """Authorities that share the names of ours and nothing else."""
    return TestPki.open(tmp_path_factory.mktemp("strange") / "pki")


def holder(pki, **variant):
    return pki.issue(cnpj=CNPJ, legal_name="Operadora Exemplo", **variant)


def name_of(certificate):
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def aged(pki, authority):
    """The same authority as it was certified long ago, with the same key."""
    builder = x509.CertificateBuilder(
        issuer_name=authority.issuer,
        subject_name=authority.subject,
        public_key=authority.public_key(),
        serial_number=authority.serial_number + 1,
        not_valid_before=NOW - timedelta(days=4000),
        not_valid_after=NOW - timedelta(days=1),
    )
    for extension in authority.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(pki._middle.key, hashes.SHA256())


def refusal_of(*arguments: object):
    with pytest.raises(RefusedCertificate) as refused:
        issuers(*arguments)
    return refused.value.refusal


def test_authorities_tell_roots_from_intermediates(pki, known):
    root = x509.load_pem_x509_certificate(pki.root_pem)

    assert known == Authorities((root,), tuple(x509.load_pem_x509_certificates(pki.chain_pem)))


def test_authorities_of_something_else_are_no_authorities():
    with pytest.raises(ValueError, match="PEM"):
        Authorities.read(b"nada")


@pytest.mark.parametrize("profile", [Profile.A1, Profile.SE_S, Profile.AE_S])
def test_chain_of_every_kind_ends_at_a_known_root(pki, roots_alone, profile):
    made = holder(pki, profile=profile)

    assert issuers(made.certificate, made.chain, NOW, roots_alone) == [*made.chain, *roots_alone.roots]


def test_chain_that_came_without_intermediates_is_completed(pki, known):
    made = holder(pki, chain=False)

    assert issuers(made.certificate, (), NOW, known) == [*known.intermediates, *known.roots]


def test_chain_that_came_in_part_is_completed(pki, known):
    made = holder(pki)

    assert issuers(made.certificate, made.chain[:1], NOW, known) == [*made.chain, *known.roots]


def test_chain_without_intermediates_is_completed_also_where_no_root_is_demanded(pki, known):
    made = holder(pki, chain=False)

    assert issuers(made.certificate, (), NOW, Authorities((), known.intermediates)) == list(known.intermediates)


def test_chain_that_holds_but_ends_elsewhere_is_refused_for_its_root(strange, known):
    made = holder(strange)

    assert refusal_of(made.certificate, made.chain, NOW, known) is CertificateRefusal.UNKNOWN_ROOT


def test_chain_of_a_namesake_is_refused_as_broken(pki, strange, known):
    made, namesake = holder(pki), holder(strange)

    assert refusal_of(namesake.certificate, made.chain, NOW, known) is CertificateRefusal.BROKEN_CHAIN


def test_chain_that_came_without_intermediates_nobody_knows_is_refused_as_broken(pki, roots_alone):
    made = holder(pki, chain=False)

    assert refusal_of(made.certificate, (), NOW, roots_alone) is CertificateRefusal.BROKEN_CHAIN


@pytest.mark.parametrize("roots", [True, False], ids=["roots known", "no roots"])
def test_chain_whose_authority_has_ended_is_refused_with_its_name_and_day(pki, known, roots):
    made = holder(pki, valid_for=timedelta(days=365 * 40))
    later = NOW + timedelta(days=365 * 30)

    with pytest.raises(RefusedCertificate) as refused:
        issuers(made.certificate, made.chain, later, *([known] if roots else []))

    ended = made.chain[0]
    assert refused.value.refusal is CertificateRefusal.ENDED_AUTHORITY
    assert f"“{name_of(ended)}”" in str(refused.value)
    assert f"venceu em {ended.not_valid_after_utc:%d/%m/%Y}" in str(refused.value)


def test_chain_with_the_renewed_authority_beside_the_ended_one_holds(pki):
    made = holder(pki)
    ended = pki.holders_issuer.certificate
    old = aged(pki, ended)

    assert issuers(made.certificate, (old, *made.chain), NOW)[0] == ended


def test_chain_of_a_certificate_that_signed_itself_is_refused_as_broken(pki, known):
    made = holder(pki, self_signed=True)

    assert refusal_of(made.certificate, (), NOW, known) is CertificateRefusal.BROKEN_CHAIN


def test_certificate_carries_the_chain_that_was_completed(pki, known):
    data = pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x", chain=False)

    certificate = read_certificate(data, "x", cnpj=CNPJ, now=NOW, known=known)

    assert x509.load_pem_x509_certificates(certificate.chain)[1:] == [*known.intermediates, *known.roots]
