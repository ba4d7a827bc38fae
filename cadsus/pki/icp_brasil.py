"""Reads an operator's ICP-Brasil certificate from a PKCS#12 file, checks it and describes it.

Where the CNPJ stands changed over the years: subjectAltName 2.16.76.1.3.3 in the types A1 to A4, the subject's
serialNumber in SE and AE (Resolução CG ICP-Brasil 211/2024), and often the end of the common name, which may be cut
(docs/reference/cadsus.md §6).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from stdnum.br import cnpj as cnpj_rules

from beneficiaries.domain.identifiers import cpf_is_valid, format_cnpj
from cadsus.pki import chain as chains
from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.pki.pkcs12 import Pkcs12, open_container
from cnsportal.formats.br import format_date
from operators.formats.display_names import visible

MAX_NAME_CHARACTERS = 150  # letters that are kept; the norm (X.520) allows 64
_PERSON = "2.16.76.1.3.1"  # birth date, CPF, NIS, RG of a natural person
_COMPANY = "2.16.76.1.3.3"  # CNPJ
_POLICY = re.compile(r"2\.16\.76\.1\.2\.(\d+)\.")
_KINDS = {
    "1": "A1", "2": "A2", "3": "A3", "4": "A4", "101": "S1", "102": "S2", "103": "S3", "104": "S4",
    "201": "SE-S", "202": "SE-H", "203": "AE-S", "204": "AE-H", "401": "AE-S", "402": "AE-H",
}  # fmt: skip
_SEALS = frozenset({"201", "202", "203", "204", "401", "402"})  # sources differ on the numbers of AE; both are taken
_SEALS_SINCE = datetime(2024, 11, 4, tzinfo=UTC)  # Resolução 211; before it the same numbers meant something else


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What may be shown of a certificate, and the key."""

    holder: str
    cnpj: str
    kind: str  # "A1", "SE-S"...; empty where the policy is not one of ICP-Brasil
    policy: str  # OID, empty where there is none
    issuer: str
    serial: str  # hexadecimal
    not_before: datetime
    not_after: datetime
    fingerprint: str  # SHA-256 of the certificate, hexadecimal
    chain: bytes = field(repr=False)  # PEM: the certificate, then its issuers
    key: bytes = field(repr=False)  # PKCS#8 DER, in clear


def read_certificate(
    data: bytes, password: str, *, cnpj: str, now: datetime, known: chains.Authorities = chains.UNKNOWN
) -> ClientCertificate:
    """The certificate of the company ``cnpj`` in a PKCS#12 file, fit for use at ``now``.

    A branch's CNPJ (same first eight digits) is the same company. Authorities that are ``known`` complete a chain that
    came without its intermediates, and it must end at one of their roots. Raises RefusedCertificate.
    """
    opened = open_container(data, password)
    leaf = opened.certificate
    found = _company(leaf)
    if found[:8] != cnpj[:8]:
        raise RefusedCertificate(CertificateRefusal.OTHER_CNPJ, found=format_cnpj(found), expected=format_cnpj(cnpj))
    _refuse_out_of_date(leaf, now)
    return _described(opened, found, chains.issuers(leaf, opened.others, now, known))


def _described(opened: Pkcs12, cnpj: str, chain: Sequence[x509.Certificate]) -> ClientCertificate:
    leaf = opened.certificate
    policy = _policy(leaf)
    return ClientCertificate(
        holder=(_common_name(leaf.subject).rpartition(":")[0] or _common_name(leaf.subject))[:MAX_NAME_CHARACTERS],
        cnpj=cnpj,
        kind=_kind(policy, leaf.not_valid_before_utc),
        policy=policy,
        issuer=_common_name(leaf.issuer)[:MAX_NAME_CHARACTERS],
        serial=f"{leaf.serial_number:X}",
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        chain=b"".join(link.public_bytes(Encoding.PEM) for link in (leaf, *chain)),
        key=opened.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    )


def _policy(leaf: x509.Certificate) -> str:
    """ICP-Brasil's policy, wherever it stands among others; else the first one."""
    try:
        policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return ""
    named = [str(policy.policy_identifier.dotted_string) for policy in policies]
    return next((policy for policy in named if _POLICY.match(policy)), named[0])


def _kind(policy: str, issued: datetime) -> str:
    number = _POLICY.match(policy)
    if not number or (number[1] in _SEALS and issued < _SEALS_SINCE):
        return ""
    return _KINDS.get(number[1], "")


# ---- whose it is ----------------------------------------------------------------------------------------------------


def _company(leaf: x509.Certificate) -> str:
    """The CNPJ, from the first place that has one. Raises RefusedCertificate where there is none."""
    names = _other_names(leaf)
    if _COMPANY in names:
        if not _is_cnpj(names[_COMPANY]):
            raise RefusedCertificate(CertificateRefusal.MALFORMED_SAN)
        return names[_COMPANY]
    numbers = (_attribute(leaf.subject, NameOID.SERIAL_NUMBER), _common_name(leaf.subject).rpartition(":")[2])
    for number in numbers:
        if _is_cnpj(number):
            return number
    person = _PERSON in names or any(cpf_is_valid(number) for number in numbers)
    raise RefusedCertificate(CertificateRefusal.PERSONAL if person else CertificateRefusal.NO_CNPJ)


def _other_names(leaf: x509.Certificate) -> dict[str, str]:
    """ICP-Brasil's fields of subjectAltName by OID; text there is an OCTET STRING or any kind of string."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return {name.type_id.dotted_string: _text(name.value) for name in names.get_values_for_type(x509.OtherName)}
    except x509.ExtensionNotFound:
        return {}
    except (ValueError, TypeError, x509.DuplicateExtension):
        raise RefusedCertificate(CertificateRefusal.MALFORMED_SAN) from None


def _text(der: bytes) -> str:
    value = core.load(der, strict=True).native
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return text.strip()


def _is_cnpj(text: str) -> bool:
    """Letters are allowed in the first twelve places since July 2026; punctuation is not."""
    return len(text) == 14 and text.isascii() and text.isalnum() and bool(cnpj_rules.is_valid(text))


def _common_name(name: x509.Name) -> str:
    return _attribute(name, NameOID.COMMON_NAME)


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return visible(str(values[0].value)) if values else ""  # a stranger wrote it


# ---- whether it holds -----------------------------------------------------------------------------------------------


def _refuse_out_of_date(leaf: x509.Certificate, now: datetime) -> None:
    since, until = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now > until:
        raise RefusedCertificate(CertificateRefusal.EXPIRED, until=format_date(until.astimezone(now.tzinfo)))
    if now < since:
        raise RefusedCertificate(CertificateRefusal.NOT_YET_VALID, since=format_date(since.astimezone(now.tzinfo)))
