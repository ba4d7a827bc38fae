"""Whether the chain of a certificate is valid: within its own file, or up to a root that the server knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cnsportal.formats.br import format_date

_MAX_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class Authorities:
    """ICP-Brasil's authorities, as far as the server knows them.

    Without roots a file's own chain must hold together: its root proves nothing by being there, so it is neither
    required nor trusted; who trusts is DATASUS.
    """

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """Those that signed themselves are the roots. Raises ValueError."""
        found = x509.load_pem_x509_certificates(pem)
        roots = tuple(each for each in found if each.issuer == each.subject)
        return cls(roots, tuple(each for each in found if each not in roots))


UNKNOWN = Authorities()


def issuers(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], now: datetime, known: Authorities = UNKNOWN
) -> list[x509.Certificate]:
    """The certificate chain (chain of trust) above ``leaf``: at least one issuer, nearest first, each proven by its
    signature.

    Raises RefusedCertificate.
    """
    candidates = [*others, *known.intermediates]
    if not known.roots:
        return _walked(leaf, candidates, now)
    policy = PolicyBuilder().store(Store(list(known.roots))).time(now.astimezone(UTC))
    authorities, holders = ExtensionPolicy.webpki_defaults_ca(), ExtensionPolicy.permit_all()
    verifier = policy.extension_policies(ca_policy=authorities, ee_policy=holders).build_client_verifier()
    try:
        return list(verifier.verify(leaf, candidates).chain[1:])
    except VerificationError:
        _walked(leaf, candidates, now)  # where the chain itself is broken, that is what to say
        raise RefusedCertificate(CertificateRefusal.UNKNOWN_ROOT) from None


def _walked(leaf: x509.Certificate, candidates: Iterable[x509.Certificate], now: datetime) -> list[x509.Certificate]:
    """As far as the candidates go."""
    chain: list[x509.Certificate] = []
    link = leaf
    while link.issuer != link.subject and len(chain) < _MAX_CERTIFICATES:
        named = [candidate for candidate in candidates if candidate.subject == link.issuer]
        if not named:
            break
        issuers_of_it = [candidate for candidate in named if _issued(candidate, link)]
        issuer = next((each for each in issuers_of_it if _is_in_date(each, now)), None)
        if issuer is None:
            raise _broken(issuers_of_it, now)
        chain.append(issuer)
        link = issuer
    if not chain:
        raise RefusedCertificate(CertificateRefusal.BROKEN_CHAIN)
    return chain


def _broken(issuers_of_it: Sequence[x509.Certificate], now: datetime) -> RefusedCertificate:
    """Why none of these, each out of date, continues the chain."""
    ended = [each for each in issuers_of_it if each.not_valid_after_utc < now]
    if not ended:
        return RefusedCertificate(CertificateRefusal.BROKEN_CHAIN)
    last = max(ended, key=lambda each: each.not_valid_after_utc)
    until = format_date(last.not_valid_after_utc.astimezone(now.tzinfo))
    return RefusedCertificate(CertificateRefusal.ENDED_AUTHORITY, authority=_common_name(last), until=until)


def _common_name(authority: x509.Certificate) -> str:
    names = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else authority.subject.rfc4514_string()


def _is_in_date(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _issued(issuer: x509.Certificate, link: x509.Certificate) -> bool:
    try:
        link.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
