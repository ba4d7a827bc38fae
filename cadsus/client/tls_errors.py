"""What a TLS error means: a refused certificate, a failed negotiation, or a rule of our own."""

import re
import ssl
from dataclasses import dataclass
from enum import Enum


class TlsFault(Enum):
    UNTRUSTED = "the server did not prove who it is"
    CERTIFICATE = "the server refused our certificate"
    NEGOTIATION = "the server ended the negotiation for another reason"
    POLICY = "our own rules refused what the server offers"
    CUT = "the line broke without a word"


@dataclass(frozen=True, slots=True)
class TlsCause:
    fault: TlsFault
    words: str = ""  # for the administrator, after the sentence of the trouble


_ABOUT_CERTIFICATE = re.compile(r"CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED")
_ALERT = re.compile(r"ALERT_(\w+)|TLSV1_(UNRECOGNIZED_NAME|UNSUPPORTED_EXTENSION)")
_CUT = re.compile(r"EOF|SHUTDOWN|ZERO_RETURN")
_ALERTS = {
    "PROTOCOL_VERSION": "O servidor não aceita TLS 1.2 nem 1.3, as versões que este portal usa",
    "INSUFFICIENT_SECURITY": "O servidor exige cifras mais fortes que as que este portal oferece",
    "HANDSHAKE_FAILURE": "Os dois lados não têm uma cifra em comum, ou o servidor não quis dizer o motivo",
    "UNRECOGNIZED_NAME": "O servidor não atende por este nome: confira o endereço configurado",
    "INTERNAL_ERROR": "O servidor teve um erro interno",
}
_POLICIES = {
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "O servidor usa uma renegociação antiga e insegura",
    "UNSUPPORTED_PROTOCOL": "O servidor só fala uma versão de TLS anterior à 1.2",
    "DH_KEY_TOO_SMALL": "O servidor usa uma chave Diffie-Hellman curta demais",
    "WRONG_VERSION_NUMBER": "Quem respondeu não fala TLS: confira a porta e se há um proxy no caminho",
    "HTTP_REQUEST": "Quem respondeu não fala TLS: confira a porta e se há um proxy no caminho",
}


def cause_of(error: ssl.SSLError) -> TlsCause:
    """By OpenSSL's own name of the reason: an alert of the other side, or a fault that our side found."""
    reason = getattr(error, "reason", None) or ""  # those that Python makes itself have none
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsCause(TlsFault.UNTRUSTED)
    if alert := _ALERT.search(reason):
        name = alert[1] or alert[2]
        if _ABOUT_CERTIFICATE.search(name):
            return TlsCause(TlsFault.CERTIFICATE)
        return TlsCause(TlsFault.NEGOTIATION, _with_name(_ALERTS.get(name, ""), f"alerta {name.lower()}"))
    if not reason or _CUT.search(reason):
        return TlsCause(TlsFault.CUT)
    return TlsCause(TlsFault.POLICY, _with_name(_POLICIES.get(reason, ""), reason))


def _with_name(words: str, name: str) -> str:
    return f"{words or 'Motivo técnico'} ({name})."
