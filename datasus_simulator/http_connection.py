"""The requests of one connection, read and answered in turn."""

import socket
import ssl
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event
from typing import Any

from datasus_simulator.http_messages import Answer, Request, Reset, Response, Transmission

MAX_BODY_BYTES = 1024 * 1024
_DRIP_PIECES = 60  # pieces of a dripping answer, one a second


class Unreadable(Exception):
    """The body of a request cannot be taken: the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Server(ThreadingTCPServer, ABC):
    """What a connection needs of the server that took it."""

    answer: Answer
    clock: Callable[[], float]
    stopping: Event

    @abstractmethod
    def working(self, connection: socket.socket, *, busy: bool) -> None:
        """A request of this connection begins, or its answer is out."""


class Connection(BaseHTTPRequestHandler):
    """All requests of one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 75  # seconds between two requests
    wbufsize = -1  # head and body leave in one TLS record
    disable_nagle_algorithm = True
    _is_cut = False  # the connection ends without TLS's goodbye

    def setup(self) -> None:
        super().setup()
        certificate = self.request.getpeercert(True) if isinstance(self.request, ssl.SSLSocket) else None
        self._fingerprint = sha256(certificate).hexdigest() if certificate else ""
        self._holder = _common_name(self.request.getpeercert()) if certificate else ""

    def finish(self) -> None:
        super().finish()
        if isinstance(self.request, ssl.SSLSocket) and not self._is_cut:
            _send_close_notify(self.request)

    def exchange(self) -> None:
        self.server.working(self.request, busy=True)
        try:
            request = Request(self.command, self.path, self.headers, self._body(), self._fingerprint, self._holder)
            self._send(self.server.answer(request))
        except Unreadable as refusal:
            self.close_connection = True
            self._send(Response(refusal.status))
        except Reset:
            self.close_connection = self._is_cut = True
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            self.server.working(self.request, busy=False)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """The base class looks for a method of its own for each HTTP method: here all go one way."""
        if name.startswith("do_"):
            return self.exchange
        raise AttributeError(name)

    def handle_expect_100(self) -> bool:
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def version_string(self) -> str:
        return "simulador"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.clock() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the standard library)
        """Nothing: request lines may hold anything; the journal keeps what may be kept."""

    # ---- the answer -------------------------------------------------------------------------------------------------

    def _send(self, response: Response) -> None:
        if self.server.stopping.is_set() or response.delivery in {Transmission.CUT, Transmission.UNENDED}:
            self.close_connection = True
        self.send_response(response.status)
        if response.content_type:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers:
            self.send_header(name, value)
        self._send_length(response)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self._deliver(response.body, response.delivery)
        self.wfile.flush()

    def _send_length(self, response: Response) -> None:
        match response.delivery:
            case Transmission.CHUNKED:
                self.send_header("Transfer-Encoding", "chunked")
            case Transmission.UNENDED:
                return
            case _:
                self.send_header("Content-Length", str(len(response.body)))

    def _deliver(self, body: bytes, delivery: Transmission) -> None:
        self._is_cut = delivery in {Transmission.CUT, Transmission.UNENDED}
        match delivery:
            case Transmission.CHUNKED:
                self.wfile.write(b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*_pieces(body, 3), b"")))
            case Transmission.DRIPPING:
                self._drip(body)
            case Transmission.CUT:
                self.wfile.write(body[: len(body) // 2])
            case _:
                self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        """A stop of the listener lets the rest out at once."""
        for piece in _pieces(body, _DRIP_PIECES):
            self.wfile.write(piece)
            self.wfile.flush()
            self.server.stopping.wait(1)

    # ---- the body of the request ------------------------------------------------------------------------------------

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked_body()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise Unreadable(400)
        if int(length) > MAX_BODY_BYTES:
            raise Unreadable(413)
        return self.rfile.read(int(length))

    def _chunked_body(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            body += self.rfile.read(size)
            self.rfile.readline()
            if len(body) > MAX_BODY_BYTES:
                raise Unreadable(413)
        while self.rfile.readline().strip():
            continue  # trailers
        return bytes(body)

    def _chunk_size(self) -> int:
        try:
            size = int(self.rfile.readline(256).partition(b";")[0], 16)
        except ValueError:
            raise Unreadable(400) from None
        if not 0 <= size <= MAX_BODY_BYTES:
            raise Unreadable(413)
        return size


def _common_name(certificate: Any) -> str:
    """Of the holder, from the form in which the ssl module tells a certificate."""
    return next((text for part in certificate["subject"] for name, text in part if name == "commonName"), "")


def _send_close_notify(connection: ssl.SSLSocket) -> None:
    """TLS's close_notify is sent; the other side's is not waited for."""
    with suppress(OSError, ValueError):
        connection.settimeout(0)
        connection.unwrap()


def _pieces(body: bytes, number: int) -> list[bytes]:
    """At most so many parts of equal length, none of them empty."""
    length = -(-len(body) // number) or 1
    return [body[start : start + length] for start in range(0, len(body), length)]
