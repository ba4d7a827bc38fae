"""Revocation (OCSP, CRL): where the issuer of a certificate answers, and whether an answer can be trusted.

Only the certificate itself is looked up, not its issuers. An answer counts when the issuer, or somebody whom it
entrusted with answering (RFC 6960, 4.2.2.2), signed it, it speaks of this very certificate, and it is of today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

SKEW = timedelta(minutes=5)  # by which clocks may differ
UNDATED = timedelta(days=1)  # for which an OCSP answer holds that does not say for how long
MAX_SOURCES = 2  # addresses of each kind that are asked
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_PEM = b"-----BEGIN"
_MALFORMED = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)


class RevocationStatus(Enum):
    GOOD = auto()
    REVOKED = auto()  # suspended ones too


class Unproven(Exception):
    """The answer says nothing that may be relied upon; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a certificate says that its revocation can be looked up; nothing of it has been checked."""

    ocsp: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def sources(leaf: x509.Certificate) -> Sources:
    """Of a certificate whose extensions cannot be read, none."""
    try:
        return Sources(tuple(_responders(leaf))[:MAX_SOURCES], tuple(_lists(leaf))[:MAX_SOURCES])
    except _MALFORMED:
        return Sources()


def ocsp_question(leaf: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """DER. SHA-1 only names the issuer here, and is the one name that every responder knows."""
    return _question(leaf, issuer).public_bytes(Encoding.DER)


def read_ocsp(answer: bytes, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus:
    """Raises Unproven."""
    try:
        response = ocsp.load_der_ocsp_response(answer)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Unproven(f"the responder says {response.response_status.name}")
        _refuse_unsigned(response, issuer, now)
        return _standing(_about(leaf, issuer, response), now)
    except _MALFORMED as error:
        raise Unproven("not an OCSP answer") from error


def read_list(answer: bytes, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus:
    """From a list of revoked certificates. Raises Unproven."""
    try:
        revoked = x509.load_pem_x509_crl(answer) if answer.startswith(_PEM) else x509.load_der_x509_crl(answer)
        _refuse_foreign(revoked, issuer)
        _refuse_untimely(revoked.last_update_utc, revoked.next_update_utc, now)
        found = revoked.get_revoked_certificate_by_serial_number(leaf.serial_number)
    except _MALFORMED as error:
        raise Unproven("not a list of revoked certificates") from error
    return RevocationStatus.GOOD if found is None else RevocationStatus.REVOKED


# ---- the certificate ------------------------------------------------------------------------------------------------


def _responders(leaf: x509.Certificate) -> Iterator[str]:
    try:
        access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return
    for description in access:
        named = isinstance(description.access_location, x509.UniformResourceIdentifier)
        if named and description.access_method == AuthorityInformationAccessOID.OCSP:
            yield description.access_location.value


def _lists(leaf: x509.Certificate) -> Iterator[str]:
    try:
        points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for point in points:
        if point.reasons is None and point.crl_issuer is None:
            names = (name for name in point.full_name or () if isinstance(name, x509.UniformResourceIdentifier))
            yield from (name.value for name in names if name.value.startswith(("http://", "https://")))


# ---- OCSP -----------------------------------------------------------------------------------------------------------


def _question(leaf: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPRequest:
    return ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1()).build()  # noqa: S303  (a name, see above)


def _about(leaf: x509.Certificate, issuer: x509.Certificate, response: ocsp.OCSPResponse) -> ocsp.OCSPSingleResponse:
    asked = _question(leaf, issuer)
    wanted = asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash
    for each in response.responses:
        if (each.serial_number, each.issuer_name_hash, each.issuer_key_hash) == wanted:
            return each
    raise Unproven("the answer speaks of another certificate")


def _standing(answer: ocsp.OCSPSingleResponse, now: datetime) -> RevocationStatus:
    until = answer.next_update_utc or answer.this_update_utc + UNDATED
    _refuse_untimely(answer.this_update_utc, until, now)
    if answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise Unproven("the responder does not know the certificate")
    good = answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    return RevocationStatus.GOOD if good else RevocationStatus.REVOKED


def _refuse_unsigned(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    entrusted = [each for each in response.certificates if _may_answer_for(each, issuer, now)]
    if not any(_signed(response, signer) for signer in (issuer, *entrusted)):
        raise Unproven("neither the issuer nor anybody it entrusted signed the answer")


def _may_answer_for(signer: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
        return False
    try:
        signer.verify_directly_issued_by(issuer)
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _signed(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if not isinstance(algorithm, _STRONG):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


# ---- lists ----------------------------------------------------------------------------------------------------------


def _refuse_foreign(revoked: x509.CertificateRevocationList, issuer: x509.Certificate) -> None:
    """Whole lists of the issuer itself; what is critical there narrows a list to a part."""
    if revoked.issuer != issuer.subject or not isinstance(revoked.signature_hash_algorithm, _STRONG):
        raise Unproven("the list is somebody else's")
    if not revoked.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]  # another kind of key: TypeError
        raise Unproven("the list is not signed by the issuer")
    if any(extension.critical and not _is_whole(extension.value) for extension in revoked.extensions):
        raise Unproven("the list is a part of one")


def _is_whole(value: x509.ExtensionType) -> bool:
    """A list that names its own address (IssuingDistributionPoint) and leaves out no certificate of a holder."""
    return isinstance(value, x509.IssuingDistributionPoint) and not (
        value.only_contains_ca_certs
        or value.only_contains_attribute_certs
        or value.indirect_crl
        or value.only_some_reasons
    )


def _refuse_untimely(since: datetime, until: datetime | None, now: datetime) -> None:
    if until is None or not since - SKEW <= now <= until + SKEW:
        raise Unproven("the answer is not of today")
