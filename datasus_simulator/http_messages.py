"""HTTP requests and responses, and the ways in which a response may fail to arrive whole."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Message
    body: bytes
    fingerprint: str = ""  # SHA-256 of the client's certificate, hexadecimal; empty where it showed none
    holder: str = ""  # common name of that certificate


class Transmission(Enum):
    """How an answer is put on the wire."""

    WHOLE = auto()
    CHUNKED = auto()
    DRIPPING = auto()
    CUT = auto()
    """Half of the body under the length of the whole, and the connection is gone."""
    UNENDED = auto()
    """No length; the connection is closed after the body, without TLS's goodbye."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Transmission = Transmission.WHOLE


class Reset(Exception):
    """The connection is to be cut by a TCP reset instead of an answer."""


Answer = Callable[[Request], Response]
