"""Envelope encryption: every record has its own data key, wrapped by a key-encryption key outside the database.

AES-256-GCM ties what is sealed to its place: a row copied to another operator, environment or record cannot be opened.
Changing the key-encryption key re-wraps 32 bytes a record; what is sealed stays as it is.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

NONCE_BYTES = 12  # bytes, the size that AES-GCM is specified for
_FORMAT = b"1:"


class DecryptionError(Exception):
    """The seal does not fit: another place, another key, or changed bytes. Says nothing of the contents."""


class Wrapper(Protocol):
    """Who holds the key-encryption keys: the settings today, a KMS where there is one."""

    @property
    def current(self) -> str:
        """The id of the key that new records get."""
        ...

    def wrap(self, data_key: bytes) -> bytes: ...

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Raises DecryptionError."""
        ...


@dataclass(frozen=True, slots=True)
class Keyring:
    """Key-encryption keys of 32 bytes by id, the current one first (RFC 3394)."""

    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def current(self) -> str:
        return next(iter(self.keys))

    def wrap(self, data_key: bytes) -> bytes:
        return aes_key_wrap(self.keys[self.current], data_key)

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self.keys[key_id], wrapped)
        except (KeyError, InvalidUnwrap) as error:
            raise DecryptionError("the key-encryption key is missing or another one") from error


@dataclass(frozen=True, slots=True)
class Envelope:
    key_id: str
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)  # nonce first, tag last


@dataclass(frozen=True, slots=True)
class RewrapResult:
    """What became of one operator's sealed records of one kind."""

    rewrapped: int  # now under the current key, and not before
    kept: int  # were under it already
    unopenable: int  # left as they are: another key, another place, or changed bytes
    wrapped_by: frozenset[str]  # ids of the keys that are still needed, known to this server or not

    @classmethod
    def nothing(cls) -> "RewrapResult":
        return cls(rewrapped=0, kept=0, unopenable=0, wrapped_by=frozenset())


def associated_data(*parts: object) -> bytes:
    """Associated data that says where a sealed value belongs; no two lists of parts give the same bytes."""
    texts = [str(part).encode() for part in parts]
    return _FORMAT + b"".join(b"%d:%s" % (len(text), text) for text in texts)


def encrypt(keys: Wrapper, secret: bytes, associated: bytes) -> Envelope:
    data_key, nonce = AESGCM.generate_key(256), secrets.token_bytes(NONCE_BYTES)
    ciphertext = nonce + AESGCM(data_key).encrypt(nonce, secret, associated)
    return Envelope(keys.current, keys.wrap(data_key), ciphertext)


def decrypt(keys: Wrapper, sealed: Envelope, associated: bytes) -> bytes:
    """Raises DecryptionError."""
    data_key = keys.unwrap(sealed.key_id, sealed.wrapped_key)
    nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
    try:
        return AESGCM(data_key).decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError) as error:
        raise DecryptionError("sealed for another place, or changed") from error


def rewrap(keys: Wrapper, sealed: Envelope) -> Envelope:
    """The same secret under the current key-encryption key. Raises DecryptionError."""
    data_key = keys.unwrap(sealed.key_id, sealed.wrapped_key)
    return replace(sealed, key_id=keys.current, wrapped_key=keys.wrap(data_key))
