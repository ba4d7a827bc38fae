"""HTTP with an SSRF guard, for addresses named by an uploaded certificate or typed by somebody (webhooks).

A stranger may have written those addresses: only HTTP to public hosts at its usual ports, the address that was checked
is the one connected to, nothing is followed, and neither size nor time can be stretched.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

import certifi

MAX_BODY_BYTES = 32 * 1024 * 1024  # the longest lists of ICP-Brasil have some ten megabytes
TIMEOUT_SECONDS = 20.0  # seconds for all of it
_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that is given out; outside it other addresses stand in disguise
_NOT_GIVEN_OUT = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # of protocols
            "192.88.99.0/24",  # relays to IPv6, given up (RFC 7526)
            "2001::/23",  # of protocols: Teredo and others lead to IPv4
            "2002::/16",  # 6to4: IPv4 in disguise
            "2001:db8::/32",  # of documents
            "3fff::/20",  # of documents, too (RFC 9637)
        ),
    )
)
_PORTS = {"http": 80, "https": 443}


class FetchError(Exception):
    """The text is for the log; it holds nothing of the document."""


def fetch(
    url: str, question: bytes | None = None, *, allow_private: bool = False, timeout: float = TIMEOUT_SECONDS
) -> bytes:
    """The document at ``url``; with a ``question``, the OCSP answer to it. Raises FetchError.

    ``allow_private``: hosts of this machine and its network count as well, at any port, as the simulator's do.
    """
    with _reached(url, allow_private, timeout) as (line, place):
        return _document(line, place, question)


def post(
    url: str,
    notice: bytes,
    headers: Mapping[str, str],
    *,
    allow_private: bool = False,
    timeout: float = TIMEOUT_SECONDS,
) -> int:
    """POST the notice; the status of the answer, whose words nobody reads. Raises FetchError.

    By HTTPS alone, but ``allow_private``.
    """
    if not allow_private and not url.startswith("https://"):
        raise FetchError("not https")
    with _reached(url, allow_private, timeout) as (line, place):
        line.request("POST", _path(place), notice, dict(headers))
        return line.getresponse().status


def server_context(ca_bundle: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later, name and chain verified: against ``ca_bundle`` alone, else against the public authorities.

    Whoever stands in the bundle is trusted as it stands there: an intermediate that a server forgets needs no root.
    """
    context = ssl.create_default_context(cafile=ca_bundle or certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_bundle:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def is_public(address: str) -> bool:
    """Whether the address is on the internet for all to reach, and leads nowhere else by another name."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found not in _UNICAST:
        return False
    return found.is_global and not found.is_multicast and not any(found in network for network in _NOT_GIVEN_OUT)


def _port(place: SplitResult, *, allow_private: bool) -> int:
    if place.scheme not in _PORTS or not place.hostname or place.username is not None:
        raise FetchError("not an address that is asked")
    usual = _PORTS[place.scheme]
    if place.port not in {None, usual} and not allow_private:
        raise FetchError("not the usual port")
    return place.port or usual


def _address(host: str, port: int, *, allow_private: bool) -> str:
    """Of several the first; where one of them is not public, none."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not (allow_private or all(is_public(address) for address in found)):
        raise FetchError("not a public host")
    return found[0]


@contextmanager
def _reached(url: str, allow_private: bool, timeout: float) -> Iterator[tuple[http.client.HTTPConnection, SplitResult]]:
    """A line to the one checked address behind ``url``; whatever fails on it is FetchError."""
    try:
        place = urlsplit(url)
        port = _port(place, allow_private=allow_private)
        address = _address(place.hostname or "", port, allow_private=allow_private)
        with _connection(place, address, port, timeout) as line:
            yield line, place
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise FetchError(type(error).__name__) from error


@contextmanager
def _connection(place: SplitResult, address: str, port: int, timeout: float) -> Iterator[http.client.HTTPConnection]:
    """Cut off when its time is over, wherever it stands."""
    line = http.client.HTTPConnection(place.hostname or "", port)
    with socket.create_connection((address, port), timeout) as plain, _secured(plain, place) as made:
        line.sock = made
        timer = Timer(timeout, _abort, [made])
        timer.start()
        try:
            if isinstance(made, ssl.SSLSocket):
                made.do_handshake()
            yield line
        finally:
            timer.cancel()


def _secured(plain: socket.socket, place: SplitResult) -> socket.socket:
    if place.scheme == "http":
        return plain
    return server_context(None).wrap_socket(plain, server_hostname=place.hostname, do_handshake_on_connect=False)


def _abort(made: socket.socket) -> None:
    with suppress(OSError):
        made.shutdown(socket.SHUT_RDWR)


def _document(line: http.client.HTTPConnection, place: SplitResult, question: bytes | None) -> bytes:
    headers = {"Content-Type": "application/ocsp-request"} if question is not None else {}
    line.request("GET" if question is None else "POST", _path(place), question, headers)
    response = line.getresponse()
    if response.status != http.client.OK:
        raise FetchError(f"status {response.status}")
    content = response.read(MAX_BODY_BYTES + 1)
    if len(content) > MAX_BODY_BYTES:
        raise FetchError("too large")
    return content


def _path(place: SplitResult) -> str:
    return f"{place.path or '/'}{'?' if place.query else ''}{place.query}"
