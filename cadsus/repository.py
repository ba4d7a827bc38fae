"""Documents of certificate authorities, fetched from addresses that an uploaded certificate names.

A stranger may have written those addresses: only HTTP to public hosts at its usual ports, the address that was checked
is the one connected to, nothing is followed, and neither size nor time can be stretched.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from cadsus.tls import server_context

LARGEST = 32 * 1024 * 1024  # bytes; the longest lists of ICP-Brasil have some ten megabytes
PATIENCE = 20.0  # seconds for all of it
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in disguise (RFC 6052)
_PORTS = {"http": 80, "https": 443}


class Unfetched(Exception):
    """The text is for the log; it holds nothing of the document."""


def fetch(url: str, question: bytes | None = None, *, inside: bool = False, patience: float = PATIENCE) -> bytes:
    """The document at ``url``; with a ``question``, the OCSP answer to it. Raises Unfetched.

    ``inside``: hosts of this machine and its network count as well, at any port, as the simulator's do.
    """
    try:
        place = urlsplit(url)
        port = _port(place, inside=inside)
        address = _address(place.hostname or "", port, inside=inside)
        with _connection(place, address, port, patience) as line:
            return _document(line, place, question)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unfetched(type(error).__name__) from error


def is_public(address: str) -> bool:
    """Whether the address is on the internet for all to reach, and leads nowhere else by another name."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and (found.ipv4_mapped or found.sixtofour or found.teredo or found in _NAT64):
        return False
    return found.is_global and not found.is_multicast


def _port(place: SplitResult, *, inside: bool) -> int:
    if place.scheme not in _PORTS or not place.hostname or place.username is not None:
        raise Unfetched("not an address that is asked")
    usual = _PORTS[place.scheme]
    if place.port not in {None, usual} and not inside:
        raise Unfetched("not the usual port")
    return place.port or usual


def _address(host: str, port: int, *, inside: bool) -> str:
    """Of several the first; where one of them is not public, none."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not (inside or all(is_public(address) for address in found)):
        raise Unfetched("not a public host")
    return found[0]


@contextmanager
def _connection(place: SplitResult, address: str, port: int, patience: float) -> Iterator[http.client.HTTPConnection]:
    """Cut off when its time is over, wherever it stands."""
    line = http.client.HTTPConnection(place.hostname or "", port)
    with socket.create_connection((address, port), patience) as plain, _secured(plain, place) as made:
        line.sock = made
        bell = Timer(patience, _hang_up, [made])
        bell.start()
        try:
            if isinstance(made, ssl.SSLSocket):
                made.do_handshake()
            yield line
        finally:
            bell.cancel()


def _secured(plain: socket.socket, place: SplitResult) -> socket.socket:
    if place.scheme == "http":
        return plain
    return server_context(None).wrap_socket(plain, server_hostname=place.hostname, do_handshake_on_connect=False)


def _hang_up(made: socket.socket) -> None:
    with suppress(OSError):
        made.shutdown(socket.SHUT_RDWR)


def _document(line: http.client.HTTPConnection, place: SplitResult, question: bytes | None) -> bytes:
    path = f"{place.path or '/'}{'?' if place.query else ''}{place.query}"
    headers = {"Content-Type": "application/ocsp-request"} if question is not None else {}
    line.request("GET" if question is None else "POST", path, question, headers)
    response = line.getresponse()
    if response.status != http.client.OK:
        raise Unfetched(f"status {response.status}")
    content = response.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unfetched("too large")
    return content
