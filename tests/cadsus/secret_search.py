"""Secrets in the shapes in which they might turn up: raw, hexadecimal, base64 at any alignment, escaped, decimal."""

import base64
import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.serialization import pkcs12

PIECE = 12  # bytes; short enough to lie within one line of a dump, long enough never to turn up by chance
_BLANK = re.compile(rb"\s+|(?:\\+[rn])+")
_MESSAGE = re.compile(rb"body\W{1,8}([A-Za-z0-9+/=]{24,})")  # Celery's messages, as Redis shows them


class Sought:
    """What must not be found, by name."""

    def __init__(self, **secrets: bytes) -> None:
        self.needles = {name: frozenset(_shapes(secret)) for name, secret in secrets.items()}

    def found_in(self, text: bytes) -> set[str]:
        """The names of the secrets that are in there, with line breaks or without."""
        readings = [text, _BLANK.sub(b"", text), *_messages(text)]
        return {
            name for name, shapes in self.needles.items() if any(shape in each for each in readings for shape in shapes)
        }


def secrets_of(file: bytes, password: str) -> dict[str, bytes]:
    """The private numbers of a PKCS#12 file with an RSA key, the file itself, its password."""
    key = pkcs12.load_key_and_certificates(file, password.encode())[0].private_numbers()
    numbers = {name: getattr(key, name) for name in ("p", "q", "d")}
    raw = {name: number.to_bytes((number.bit_length() + 7) // 8)[:128] for name, number in numbers.items()}
    decimals = {f"{name}_decimal": str(number)[:24].encode() for name, number in numbers.items()}
    middle = file[len(file) // 2 : len(file) // 2 + 128]
    return {**raw, **decimals, "file": middle, "password": password.encode()}


def _shapes(secret: bytes) -> Iterator[bytes]:
    starts = range(0, max(1, len(secret) - 40), 32)
    for piece in [secret] if len(secret) <= 2 * PIECE else [secret[at : at + PIECE] for at in starts]:
        yield piece
        yield piece.hex().encode()
        yield piece.hex().upper().encode()
        for escaped in (repr(piece)[2:-1].encode(), piece.decode("latin-1").encode("unicode_escape")):
            yield from (escaped, escaped.replace(b"\\", b"\\\\"), escape(escaped.decode()).encode())
    for at in starts:
        yield from _base64(secret[at : at + 40])
    if secret.isascii() and secret.decode().isprintable():
        text = secret.decode()
        yield from (quote(text, safe="").encode(), quote_plus(text).encode(), escape(text).encode())
        yield from (text.encode("utf-16-be"), text.encode("utf-16-le"))


def _base64(piece: bytes) -> Iterator[bytes]:
    """What is the same of it wherever it begins in a longer text."""
    for skipped in range(3):
        encoded = base64.b64encode(piece[skipped : skipped + (len(piece) - skipped) // 3 * 3])
        yield encoded
        yield encoded.translate(bytes.maketrans(b"+/", b"-_"))


def _messages(text: bytes) -> Iterator[bytes]:
    for body in _MESSAGE.findall(text):
        try:
            yield base64.b64decode(body + b"==")
        except ValueError:
            continue
