"""The contents of ICP-Brasil certificates of companies and people.

Layouts: RFB e-CNPJ / e-CPF A1 (subjectAltName 2.16.76.1.3.x) and the seals of Resolução CG ICP-Brasil 211/2024 (SE-S,
AE-S), which carry the CNPJ in the subject's serialNumber and no subjectAltName at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from asn1crypto import core
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID, NameOID

_MAX_NAME_CHARACTERS = 64  # characters of one part of a distinguished name
_REPOSITORY = "http://icp.example.invalid"
_CPS = f"{_REPOSITORY}/dpc.pdf"


class Profile(StrEnum):
    A1 = "a1"  # e-CNPJ A1, the CNPJ in subjectAltName
    SE_S = "se_s"  # electronic seal
    AE_S = "ae_s"  # authentication of equipment or system
    E_CPF = "e_cpf"  # of a natural person, not of a company


_POLICIES = {
    Profile.A1: "2.16.76.1.2.1.999",
    Profile.SE_S: "2.16.76.1.2.201.999",
    Profile.AE_S: "2.16.76.1.2.203.999",
    Profile.E_CPF: "2.16.76.1.2.1.998",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate is for: ``number`` is the CNPJ, or the CPF under ``Profile.E_CPF``."""

    name: str
    number: str
    responsible: str = "RESPONSAVEL FICTICIO DOS TESTES"
    responsible_cpf: str = "52998224725"


def subject(profile: Profile, holder: Holder) -> x509.Name:
    seal = profile in {Profile.SE_S, Profile.AE_S}
    common_name = (
        holder.name if seal else f"{holder.name[: _MAX_NAME_CHARACTERS - 1 - len(holder.number)]}:{holder.number}"
    )
    kind = "e-CPF A1" if profile is Profile.E_CPF else "e-CNPJ A1"
    units = (
        [] if seal else ["AR de Teste", f"RFB {kind}", "Presencial", "Secretaria da Receita Federal do Brasil - RFB"]
    )
    parts = [
        (NameOID.COUNTRY_NAME, "BR"),
        (NameOID.ORGANIZATION_NAME, "ICP-Brasil"),
        *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
        *([(NameOID.SERIAL_NUMBER, holder.number)] if seal else []),
        (NameOID.COMMON_NAME, common_name[:_MAX_NAME_CHARACTERS]),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def extensions(
    profile: Profile, holder: Holder, *, malformed_san: bool = False
) -> Iterable[tuple[x509.ExtensionType, bool]]:
    """The holder's own extensions, each with whether it is critical; those of any certificate are not here."""
    yield _key_usage(profile), True
    yield x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False
    policy = x509.PolicyInformation(x509.ObjectIdentifier(_POLICIES[profile]), [_CPS])
    yield x509.CertificatePolicies([policy]), False
    if malformed_san:
        yield x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, _malformed_names(holder)), False
    elif profile in {Profile.A1, Profile.E_CPF}:
        yield (
            x509.SubjectAlternativeName([x509.RFC822Name("ti@example.invalid"), *_other_names(profile, holder)]),
            False,
        )


def _key_usage(profile: Profile) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=profile is not Profile.AE_S,
        key_encipherment=profile is not Profile.SE_S,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _other_names(profile: Profile, holder: Holder) -> list[x509.OtherName]:
    """The kinds of string vary from field to field, as they do among the real issuers."""
    if profile is Profile.E_CPF:
        return [_other_name(1, core.OctetString(_person_data(holder.number).encode()))]
    return [
        _other_name(2, core.PrintableString(holder.responsible)),
        _other_name(3, core.OctetString(holder.number.encode())),
        _other_name(4, core.OctetString(_person_data(holder.responsible_cpf).encode())),
        _other_name(7, core.UTF8String("0" * 12)),
    ]


def _other_name(field: int, value: core.Asn1Value) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(f"2.16.76.1.3.{field}"), value.dump())


def _person_data(cpf: str) -> str:
    """Birth ddmmaaaa, CPF, NIS, RG, issuer and UF; what is not known is zeros (51 characters)."""
    return f"01011980{cpf}{'0' * 11}{'0' * 15}{' ' * 6}"


class _BareOtherName(core.Sequence):
    """An otherName without the explicit [0] around its value: an encoding fault met in real certificates."""

    _fields = [("type_id", core.ObjectIdentifier), ("value", core.OctetString)]


class _BareNames(core.Sequence):
    _fields = [("other_name", _BareOtherName, {"implicit": 0})]


def _malformed_names(holder: Holder) -> bytes:
    bare = _BareOtherName({"type_id": "2.16.76.1.3.3", "value": holder.number.encode()})
    return bytes(_BareNames({"other_name": bare}).dump())


def where_to_ask(repository: str | None) -> list[tuple[x509.ExtensionType, bool]]:
    """Where the standing of the certificate and its issuer's certificate are found; only a real place has OCSP."""
    place, method = repository or _REPOSITORY, AuthorityInformationAccessOID
    ways = [(method.CA_ISSUERS, "cadeia.p7b"), *([(method.OCSP, "ocsp")] if repository else [])]
    access = [x509.AccessDescription(way, x509.UniformResourceIdentifier(f"{place}/{name}")) for way, name in ways]
    revoked = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{place}/revogados.crl")], None, None, None)
    return [(x509.AuthorityInformationAccess(access), False), (x509.CRLDistributionPoints([revoked]), False)]
