"""The token cache: read, kept until shortly before it ends, and fetched by one worker at a time (single flight).

There is no refresh token: renewing is fetching again, and DATASUS asks that a token be used for as long as it lasts
(docs/reference/cadsus.md §1).
"""

import base64
import binascii
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cadsus.client.errors import ErrorKind, GatewayError
from cnsportal.security.envelope_encryption import DecryptionError, Envelope, Wrapper, associated_data, decrypt, encrypt

DEFAULT_LIFETIME_SECONDS = 1800.0
MAX_LIFETIME_SECONDS = 86_400  # a larger expires_in is in milliseconds; DATASUS answers 1800000 for 30 minutes
RENEWAL_MARGIN_SECONDS = 60.0  # seconds before the end at which a token is renewed; a tenth of a short life
FETCH_TIMEOUT_SECONDS = (
    60.0  # seconds: longest wait for another worker's fetch, and longest that a fetch keeps the lease
)
LOCAL_TTL_SECONDS = 1.0  # seconds in which a process asks the cache for no other token than the one it has
FAILURE_TTL_SECONDS = 2.0  # seconds in which those who waited for a failed fetch do not repeat it


class Cache(Protocol):
    """What all workers share: values that go by themselves after ``timeout`` seconds. Django's cache is one."""

    def get(self, key: str, /) -> Any: ...

    def set(self, key: str, value: Any, timeout: float, /) -> None: ...


class LeaseProtocol(Protocol):
    """What one of all workers has at a time, until it releases it or the time is over. That of cnsportal is one."""

    def acquire(self) -> bool: ...

    def release(self) -> None: ...


Leases = Callable[[str, float], LeaseProtocol]  # of a key, for so many seconds


class NotAToken(Exception):
    """The answer holds no token."""


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    lifetime: float  # seconds from its receipt
    issued_at: float | None = None  # by the clock of whoever issued it, seconds since 1970
    server_time: float | None = None  # by the clock of the server that handed it over


def read_token(body: bytes, *, now: float, server_time: float | None = None) -> Token:
    """The token of DATASUS's JSON answer; times in seconds since 1970. Raises NotAToken.

    Of the lifetimes that ``expires_in`` and the JWT's own claims give, the shortest counts. Clocks differ, so a JWT
    that seems to have ended before it came is measured from its own ``iat`` alone.
    """
    try:
        answer = json.loads(body)
        value = answer["access_token"]
    except (ValueError, KeyError, TypeError):
        raise NotAToken from None
    if not isinstance(value, str) or not value:
        raise NotAToken
    claims = _claims(value)
    issued, ends = _number(claims.get("iat")), _number(claims.get("exp"))
    lifetimes = [_lifetime_seconds(answer.get("expires_in"))]
    if ends and issued and ends > issued:
        lifetimes.append(ends - issued)
    if ends and ends > now:
        lifetimes.append(ends - now)
    return Token(value, min(lifetimes), issued, server_time)


def _lifetime_seconds(expires_in: object) -> float:
    seconds = _number(expires_in)
    if not seconds or seconds <= 0:
        return DEFAULT_LIFETIME_SECONDS
    return seconds / 1000 if seconds > MAX_LIFETIME_SECONDS else seconds


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _claims(jwt: str) -> dict[str, Any]:
    """The claims of a JWT, unverified: no public key of DATASUS is known, and nothing but the end is read."""
    part = jwt.partition(".")[2].partition(".")[0]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


@dataclass(frozen=True, slots=True)
class TokenStore:
    """The token of one environment and one certificate, shared by all workers through the cache, sealed there.

    ``fetch`` asks DATASUS and raises GatewayError.
    """

    environment: str
    fingerprint: str
    fetch: Callable[[], Token]
    cache: Cache
    leases: Leases
    keys: Wrapper
    _local: dict[str, float] = field(default_factory=dict, repr=False)  # the token at hand, and until when

    def get(self, *, refused: str = "") -> str:
        """The token in force, and another one than ``refused``. Raises GatewayError."""
        at_hand = next((token for token, until in list(self._local.items()) if until > time.monotonic()), "")
        return at_hand if at_hand and not refused else self._shared(refused)

    def _remember(self, token: str, seconds: float) -> str:
        self._local.clear()
        self._local[token] = time.monotonic() + min(LOCAL_TTL_SECONDS, seconds)
        return token

    def _shared(self, refused: str) -> str:
        patience, lease = (
            time.monotonic() + FETCH_TIMEOUT_SECONDS,
            self.leases(self._key("lock"), FETCH_TIMEOUT_SECONDS),
        )
        while time.monotonic() < patience:
            token = self._cached()
            if token and token != refused:
                return token
            if lease.acquire():
                return self._renew(refused, lease)
            time.sleep(0.05)
            self._raise_remembered()
        raise GatewayError(ErrorKind.TOKEN_BUSY)

    def _renew(self, refused: str, lease: LeaseProtocol) -> str:
        """With the lease: somebody may have renewed while we were on the way to it."""
        try:
            token = self._cached()
            return token if token and token != refused else self._fetched()
        except GatewayError as error:
            self.cache.set(self._key("failure"), error.trouble.name, FAILURE_TTL_SECONDS)
            raise
        finally:
            lease.release()

    def _fetched(self) -> str:
        token = self.fetch()
        lasting = token.lifetime - min(RENEWAL_MARGIN_SECONDS, token.lifetime / 10)
        sealed = encrypt(self.keys, token.value.encode(), self._place())
        kept = (sealed.key_id, sealed.wrapped_key, sealed.ciphertext)
        self.cache.set(self._key("token"), (kept, time.time() + lasting), lasting)
        return self._remember(token.value, lasting)

    def _cached(self) -> str:
        sealed, ends = self.cache.get(self._key("token")) or (None, 0.0)
        try:
            token = decrypt(self.keys, Envelope(*sealed), self._place()).decode() if sealed else ""
        except DecryptionError:  # sealed under a key that is gone
            return ""
        return self._remember(token, ends - time.time()) if token else ""

    def _raise_remembered(self) -> None:
        failure = self.cache.get(self._key("failure"))
        if failure:
            raise GatewayError(ErrorKind[failure])

    def _key(self, what: str) -> str:
        return f"cadsus:token:{what}:{self.environment}:{self.fingerprint}"

    def _place(self) -> bytes:
        return associated_data("token", self.environment, self.fingerprint)
