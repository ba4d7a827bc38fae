"""HTTP/1.1 over TLS, one thread a connection: sockets in, requests and responses out."""

import socket
import socketserver
import ssl
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any

LARGEST_BODY = 1024 * 1024  # bytes
_HANDSHAKE_TIMEOUT = 10  # seconds
_GRACE = 3  # seconds for the requests at work when the listener stops


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Message
    body: bytes
    fingerprint: str  # SHA-256 of the client's certificate, hexadecimal; empty where it showed none


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Reset(Exception):
    """The connection is to be cut by a TCP reset instead of an answer."""


class Unreadable(Exception):
    """The body of a request cannot be taken: the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


Answer = Callable[[Request], Response]


class Listener(socketserver.ThreadingTCPServer):
    """``context`` is asked for each new connection (None: plain HTTP); ``refused`` hears of failed handshakes."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(
        self,
        address: tuple[str, int],
        answer: Answer,
        context: Callable[[], ssl.SSLContext | None] = lambda: None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        self.answer, self._context, self._refused = answer, context, refused
        self.stopping = False
        self._busy: dict[socket.socket, bool] = {}  # connections, and whether a request is at work on it
        self._quiet = threading.Condition()
        super().__init__(address, Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), name=f"porta {self.port}", daemon=True).start()

    def stop(self) -> None:
        """Take nothing new, let the requests at work finish for a moment, close what is open."""
        self.stopping = True
        self.shutdown()
        self.server_close()
        with self._quiet:
            self._cut(idle_only=True)
            self._quiet.wait_for(lambda: not self._busy, _GRACE)
            self._cut(idle_only=False)
            self._quiet.wait_for(lambda: not self._busy, _GRACE)

    def working(self, connection: socket.socket, *, busy: bool) -> None:
        with self._quiet:
            self._busy[connection] = busy

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            connection = self._secured(request)
        except (OSError, ValueError):
            self._refused()
            return
        try:
            self.working(connection, busy=False)
            Connection(connection, client_address, self)
        finally:
            connection.close()
            with self._quiet:
                del self._busy[connection]
                self._quiet.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  (the base class's signature)
        """Clients that go away are no news; of a fault of ours only the place is told: its text may hold a person."""
        kind, _, trace = sys.exc_info()
        if kind and not issubclass(kind, OSError):
            sys.stderr.write(f"erro do simulador: {kind.__name__}\n{''.join(traceback.format_tb(trace))}")

    def _secured(self, plain: socket.socket) -> socket.socket:
        context = self._context()
        plain.settimeout(_HANDSHAKE_TIMEOUT)
        return context.wrap_socket(plain, server_side=True) if context else plain

    def _cut(self, *, idle_only: bool) -> None:
        for connection, busy in self._busy.items():
            if not (busy and idle_only):
                # not SSLSocket.shutdown, which pulls the TLS state away under the thread that reads
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Connection(BaseHTTPRequestHandler):
    """All requests of one connection."""

    server: Listener
    protocol_version = "HTTP/1.1"
    timeout = 75  # seconds between two requests
    wbufsize = -1  # head and body leave in one TLS record
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        certificate = self.request.getpeercert(True) if isinstance(self.request, ssl.SSLSocket) else None
        self._fingerprint = sha256(certificate).hexdigest() if certificate else ""

    def exchange(self) -> None:
        self.server.working(self.request, busy=True)
        try:
            request = Request(self.command, self.path, self.headers, self._body(), self._fingerprint)
            self._send(self.server.answer(request))
        except Unreadable as refusal:
            self.close_connection = True
            self._send(Response(refusal.status))
        except Reset:
            self.close_connection = True
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

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the standard library)
        """Nothing: request lines may hold anything; the journal keeps what may be kept."""

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        if response.content_type:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.server.stopping:
            self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked_body()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise Unreadable(400)
        if int(length) > LARGEST_BODY:
            raise Unreadable(413)
        return self.rfile.read(int(length))

    def _chunked_body(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            body += self.rfile.read(size)
            self.rfile.readline()
            if len(body) > LARGEST_BODY:
                raise Unreadable(413)
        while self.rfile.readline().strip():
            continue  # trailers
        return bytes(body)

    def _chunk_size(self) -> int:
        try:
            size = int(self.rfile.readline(256).partition(b";")[0], 16)
        except ValueError:
            raise Unreadable(400) from None
        if not 0 <= size <= LARGEST_BODY:
            raise Unreadable(413)
        return size
