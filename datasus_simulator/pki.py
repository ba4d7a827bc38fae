"""A test PKI in the shape of ICP-Brasil: root, AC, issuing AC, holders; and, apart from it, the CA of the servers.

It lives in a folder and can be opened again. Nothing it signs is worth anything outside of tests and practice.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Self, TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from datasus_simulator.certificate_profiles import Holder, Profile, extensions, subject, where_to_ask

DAY = timedelta(days=1)
_AUTHORITY_YEARS = 10


class Protection(StrEnum):
    """How a PKCS#12 file is encrypted.

    The oldest exporters used RC2-40, which no library here can write (cryptography only reads it): a test that needs
    such a file makes it with ``openssl pkcs12 -export -legacy``.
    """

    AES = "aes"
    TRIPLE_DES = "3des"


class Variant(TypedDict, total=False):
    """How a certificate differs from a good e-CNPJ A1 of today."""

    profile: Profile
    valid_from: datetime  # default: yesterday
    valid_for: timedelta  # default: 365 days
    chain: bool  # whether the file holds the intermediates; default: yes
    self_signed: bool
    protection: Protection
    malformed_san: bool
    repository: str  # address of a datasus_simulator.revocation_server; default: one that does not exist


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key and the certificates between it and the root, nearest first."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @classmethod
    def read(cls, data: bytes, password: str) -> Self:
        """From a PKCS#12 file. Raises ValueError where it is not one, has no RSA key, or the password is wrong."""
        key, certificate, chain = pkcs12.load_key_and_certificates(data, password.encode())
        if certificate is None or not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("no certificate with an RSA key")
        return cls(certificate, key, tuple(chain))

    @property
    def common_name(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def certificate_pem(self) -> bytes:
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.certificate, *self.chain))

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def imitated(self) -> "Issued":
        """The same name on a certificate that a stranger made."""
        key, name, begin = _new_key(), self.certificate.subject, _now() - DAY
        return Issued(_sign(_draft(name, key, begin, begin + 365 * DAY, []), name, key), key)

    def pkcs12(self, password: str, protection: Protection = Protection.AES) -> bytes:
        return pkcs12.serialize_key_and_certificates(
            b"certificado", self.key, self.certificate, self.chain, _encryption(password, protection)
        )


def _encryption(password: str, protection: Protection) -> KeySerializationEncryption:
    if protection is Protection.AES:
        return BestAvailableEncryption(password.encode())
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048).hmac_hash(hashes.SHA1())  # noqa: S303  (old files had it)
    return builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).build(password.encode())


class TestPki:
    """Root, two intermediates and the servers' CA, kept in one folder."""

    __test__ = False  # pytest collects what is called Test...

    def __init__(self, root: Issued, middle: Issued, issuer: Issued, server_ca: Issued) -> None:
        self._root, self._middle, self._issuer, self._server_ca = root, middle, issuer, server_ca

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The PKI in ``folder``, made there first if need be; safe when two processes do so at once."""
        if not folder.exists():
            _create(folder)
        return cls(*(_read(folder / name) for name in ("root", "middle", "issuer", "server-ca")))

    @property
    def root_pem(self) -> bytes:
        return self._root.certificate_pem

    @property
    def chain_pem(self) -> bytes:
        """The intermediates, the issuer of the holders' certificates first; the root is not among them."""
        return self._issuer.certificate_pem + self._middle.certificate_pem

    @property
    def server_ca_pem(self) -> bytes:
        return self._server_ca.certificate_pem

    def issued(self, holder: Issued) -> bool:
        """Whether the certificate carries the chain of this PKI."""
        return holder.chain == (self._issuer.certificate, self._middle.certificate)

    def issue_ecnpj(self, *, cnpj: str, legal_name: str, password: str, **variant: Unpack[Variant]) -> bytes:
        """A PKCS#12 file as an operator gets it; ``cnpj`` is a CPF where the profile is ``E_CPF``."""
        issued = self.issue(cnpj=cnpj, legal_name=legal_name, **variant)
        return issued.pkcs12(password, variant.get("protection", Protection.AES))

    def issue(self, *, cnpj: str, legal_name: str, **variant: Unpack[Variant]) -> Issued:
        profile, holder = variant.get("profile", Profile.A1), Holder(legal_name, cnpj)
        name, own_key = subject(profile, holder), _new_key()
        own = [*extensions(profile, holder, malformed_san=variant.get("malformed_san", False))]
        own += where_to_ask(variant.get("repository"))
        begin = variant.get("valid_from", _now() - DAY)
        draft = _draft(name, own_key, begin, begin + variant.get("valid_for", 365 * DAY), own)
        if variant.get("self_signed", False):
            return Issued(_sign(draft, name, own_key), own_key)
        chain = (self._issuer.certificate, self._middle.certificate) if variant.get("chain", True) else ()
        return Issued(_sign(draft, self._issuer.certificate.subject, self._issuer.key), own_key, chain)

    @property
    def holders_issuer(self) -> Issued:
        """The authority that issues holders' certificates, and says which of them it revoked."""
        return self._issuer

    def issue_responder(self, *usages: x509.ObjectIdentifier) -> Issued:
        """A certificate from the issuer of the holders'; with OCSP_SIGNING among its usages it may answer for it."""
        key, begin = _new_key(), _now() - DAY
        own: list[tuple[x509.ExtensionType, bool]] = [(x509.ExtendedKeyUsage(usages), False)]
        draft = _draft(_name("Respondedor de Teste"), key, begin, begin + 30 * DAY, own)
        return Issued(_sign(draft, self._issuer.certificate.subject, self._issuer.key), key)

    def issue_server(self, names: Sequence[str]) -> Issued:
        """A TLS server's certificate for host names and addresses."""
        key, begin = _new_key(), _now() - DAY
        own: list[tuple[x509.ExtensionType, bool]] = [
            (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ]
        draft = _draft(_name(names[0]), key, begin, begin + 397 * DAY, own)
        return Issued(_sign(draft, self._server_ca.certificate.subject, self._server_ca.key), key)


# ---- certificates ---------------------------------------------------------------------------------------------------


def _draft(
    name: x509.Name,
    key: rsa.RSAPrivateKey,
    begin: datetime,
    end: datetime,
    own: Iterable[tuple[x509.ExtensionType, bool]],
    path_length: int = -1,
) -> x509.CertificateBuilder:
    """A certificate without its issuer; ``path_length`` is -1 for a holder, the number of levels below an authority."""
    is_authority = path_length >= 0
    builder = (
        x509.CertificateBuilder(subject_name=name, public_key=key.public_key())
        .not_valid_before(begin)
        .not_valid_after(end)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(is_authority, path_length if is_authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension, critical in own:
        builder = builder.add_extension(extension, critical)
    return builder


def _sign(draft: x509.CertificateBuilder, issuer: x509.Name, key: rsa.RSAPrivateKey) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return draft.issuer_name(issuer).add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _authority(common_name: str, path_length: int, issuer: Issued | None) -> Issued:
    key, name, begin = _new_key(), _name(common_name, "ICP-Brasil de Teste"), _now() - DAY
    own: list[tuple[x509.ExtensionType, bool]] = [(_AUTHORITY_USAGE, True)]
    draft = _draft(name, key, begin, begin + 365 * _AUTHORITY_YEARS * DAY, own, path_length)
    signed = _sign(draft, issuer.certificate.subject, issuer.key) if issuer else _sign(draft, name, key)
    return Issued(signed, key)


_AUTHORITY_USAGE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _name(common_name: str, organisation: str = "Simulador") -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "BR"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


# ---- the folder -----------------------------------------------------------------------------------------------------


def _create(folder: Path) -> None:
    """All or nothing: made beside its place and then renamed."""
    root = _authority("Autoridade Certificadora Raiz de Teste", 2, None)
    middle = _authority("AC Secretaria da Receita Federal de Teste", 1, root)
    authorities = {
        "root": root,
        "middle": middle,
        "issuer": _authority("AC Emissora RFB de Teste", 0, middle),
        "server-ca": _authority("CA dos servidores do simulador", 0, None),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".pki-"))
    for name, authority in authorities.items():
        _write(beside / name, authority)
    try:
        beside.rename(folder)
    except OSError:  # another process was quicker: its authorities are the ones to use
        shutil.rmtree(beside)


def _write(path: Path, issued: Issued) -> None:
    path.with_suffix(".crt").write_bytes(issued.certificate_pem)
    write_secret(path.with_suffix(".key"), issued.key_pem)


def _read(path: Path) -> Issued:
    certificate = x509.load_pem_x509_certificate(path.with_suffix(".crt").read_bytes())
    key = load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path}.key does not hold an RSA key")
    return Issued(certificate, key)


def write_secret(path: Path, content: bytes) -> None:
    """A file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
