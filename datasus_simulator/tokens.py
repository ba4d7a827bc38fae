"""Tokens: JWTs of the length and claims of the real ones, remembered until they expire."""

import base64
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LIFETIME_SECONDS = 1800
_MIN_CHARACTERS = 2000  # the real ones are longer
_HEADER = {"alg": "RS256", "typ": "JWT", "kid": "rnds-simulador-1"}


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose certificate a token was given to, and until when (seconds since the epoch)."""

    fingerprint: str
    expires_at: int


class TokenOffice:
    """Mints tokens and knows those that are still good, by its clock (seconds since the epoch)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._grants: dict[str, Grant] = {}
        self._ids = map(str, itertools.count(1))
        self._lock = threading.Lock()

    def mint(self, fingerprint: str, lifetime: int = LIFETIME_SECONDS, *, as_jwt: bool = True) -> str:
        """A token for the certificate with this SHA-256 (hexadecimal)."""
        issued_at = int(self._clock())
        with self._lock:
            claims = {"iat": issued_at, "exp": issued_at + lifetime, "jti": next(self._ids), **_claims(fingerprint)}
            token = self._sign(claims) if as_jwt else secrets.token_urlsafe()
            self._grants = {old: grant for old, grant in self._grants.items() if grant.expires_at > issued_at}
            self._grants[token] = Grant(fingerprint, issued_at + lifetime)
        return token

    def grant(self, token: str) -> Grant | None:
        """What the token stands for; None when it is unknown or over."""
        grant = self._grants.get(token)
        return grant if grant and grant.expires_at > self._clock() else None

    def forget(self) -> None:
        """Every token out there is worth nothing from now on."""
        with self._lock:
            self._grants = {}

    def _sign(self, claims: dict[str, object]) -> str:
        signed = f"{_part(_HEADER)}.{_part(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64url(signature)}"


def _claims(fingerprint: str) -> dict[str, object]:
    """The certificate as RFC 8705 names it; what the real tokens fill their length with is not known."""
    thumbprint = _base64url(bytes.fromhex(fingerprint))
    return {"iss": "simulador", "cnf": {"x5t#S256": thumbprint}, "padding": "x" * _MIN_CHARACTERS}


def _part(content: Mapping[str, object]) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
