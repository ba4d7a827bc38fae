"""Opens a PKCS#12 container, or refuses it for a reason on which the person who uploaded it can act."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from asn1crypto import algos, core
from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from cadsus.pki.errors import CertificateRefusal, RefusedCertificate

MAX_FILE_BYTES = 64 * 1024
MAX_ITERATIONS = 2_000_000  # of all key derivations together; exporters use three of 2,048 to 600,000 each
_MAC_KEY = 3  # the purpose of a derived key (RFC 7292, B.3)
_UNOPENED = "Invalid password"
"""What cryptography says where OpenSSL did not decrypt; with the right password, for want of the cipher."""
_PBMAC1 = "1.2.840.113549.1.5.14"


class _Pbmac1(core.Sequence):
    """A seal whose key is derived with PBKDF2 (RFC 9579, RFC 8018 A.5)."""

    _fields = [("kdf", algos.KdfAlgorithm), ("scheme", core.Any)]


@dataclass(frozen=True, slots=True)
class Pkcs12:
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    key: PrivateKeyTypes


def open_container(data: bytes, password: str) -> Pkcs12:
    """Raises RefusedCertificate: too large, not PKCS#12, too costly, wrong password, unreadable, no private key."""
    if len(data) > MAX_FILE_BYTES:
        raise RefusedCertificate(CertificateRefusal.TOO_LARGE)
    opened = _loaded(_container(data), password)
    if opened.key is None or opened.cert is None:
        raise RefusedCertificate(CertificateRefusal.NO_PRIVATE_KEY)
    others = tuple(other.certificate for other in opened.additional_certs)
    return Pkcs12(opened.cert.certificate, others, opened.key)


def _loaded(pfx: asn1.Pfx, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    """As the password is meant today, else as OpenSSL before 1.1 meant one with accents: each byte a letter."""
    spelt = [password, password.encode().decode("latin-1")]
    try:
        return pkcs12.load_pkcs12(pfx.dump(), password.encode())
    except ValueError as error:
        fitting = next((spelling for spelling in spelt if _password_fits(pfx, spelling)), None)
        if fitting is None:
            raise RefusedCertificate(CertificateRefusal.WRONG_PASSWORD) from None
        if fitting != password:
            return _loaded(pfx, fitting)
        is_unopened = str(error).startswith(_UNOPENED)
        raise RefusedCertificate(
            CertificateRefusal.OLD_FORMAT if is_unopened else CertificateRefusal.MALFORMED
        ) from None


def _container(data: bytes) -> asn1.Pfx:
    """In DER, whatever it came in: some programs write BER, which the library is about to refuse."""
    try:
        pfx = asn1.Pfx.load(asn1.Pfx.load(data, strict=True).dump(force=True))
        known = pfx["version"].native == "v3" and pfx["auth_safe"]["content_type"].native == "data"
        rounds = sum(_iterations(pfx)) if known else 0
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RefusedCertificate(CertificateRefusal.NOT_PKCS12) from None
    if not known or rounds > MAX_ITERATIONS:
        raise RefusedCertificate(CertificateRefusal.TOO_COSTLY if known else CertificateRefusal.NOT_PKCS12)
    return pfx


def _iterations(pfx: asn1.Pfx) -> Iterator[int]:
    """How often each key derivation is repeated: a stranger's number, looked at before it costs anything."""
    if pfx["mac_data"].native is not None:
        yield int(pfx["mac_data"]["iterations"].native)
        yield from _rounds_of_seal(pfx["mac_data"]["mac"]["digest_algorithm"])
    for part in pfx.authenticated_safe:
        if part["content_type"].native == "encrypted_data":
            yield _rounds(part["content"]["encrypted_content_info"]["content_encryption_algorithm"])
        elif part["content_type"].native == "data":
            bags = asn1.SafeContents.load(part["content"].native)
            shrouded = (bag["bag_value"] for bag in bags if bag["bag_id"].native == "pkcs8_shrouded_key_bag")
            yield from (_rounds(key["encryption_algorithm"]) for key in shrouded)


def _rounds_of_seal(algorithm: core.Sequence) -> Iterator[int]:
    if algorithm["algorithm"].dotted == _PBMAC1:
        kdf = _Pbmac1.load(algorithm["parameters"].dump())["kdf"]
        yield int(kdf["parameters"]["iteration_count"].native)


def _rounds(algorithm: core.Sequence) -> int:
    return int(algorithm.kdf_iterations)


def _password_fits(pfx: asn1.Pfx, password: str) -> bool:
    """Whether the container's own seal (RFC 7292, 4) agrees with the password, whatever protects its contents."""
    seal = pfx["mac_data"]
    if seal.native is None:
        return False
    digest = seal["mac"]["digest_algorithm"]["algorithm"].native
    if digest not in hashlib.algorithms_available:
        return False
    key = _derived_key(digest, password, seal["mac_salt"].native, int(seal["iterations"].native))
    expected = hmac.digest(key, pfx["auth_safe"]["content"].contents, digest)
    return hmac.compare_digest(expected, seal["mac"]["digest"].native)


def _derived_key(digest: str, password: str, salt: bytes, iterations: int) -> bytes:
    """RFC 7292, B.2, for a key as long as the digest: a single block."""
    block = hashlib.new(digest).block_size
    secret = password.encode("utf-16-be") + b"\0\0"
    key = bytes([_MAC_KEY]) * block + _filled(salt, block) + _filled(secret, block)
    for _ in range(iterations):
        key = hashlib.new(digest, key).digest()
    return key


def _filled(text: bytes, block: int) -> bytes:
    """``text`` repeated up to the next whole number of blocks."""
    length = -(-len(text) // block) * block
    return (text * (length // max(len(text), 1) + 1))[:length]
