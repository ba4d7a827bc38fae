"""HTTP/1.1 over TLS, one thread a connection: sockets in, requests and responses out."""

import socket
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from datasus_simulator.http_connection import Connection, Server
from datasus_simulator.http_messages import Answer

_HANDSHAKE_TIMEOUT_SECONDS = 10
_GRACE_SECONDS = 3  # seconds for the requests at work when the listener stops


class Listener(Server):
    """``context`` is asked for each new connection (None: plain HTTP); ``refused`` hears of failed handshakes.

    ``clock`` is what the answers are dated by.
    """

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
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.answer, self._context, self._refused, self.clock = answer, context, refused, clock
        self.stopping = threading.Event()
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
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._quiet:
            self._cut(idle_only=True)
            self._quiet.wait_for(lambda: not self._busy, _GRACE_SECONDS)
            self._cut(idle_only=False)
            self._quiet.wait_for(lambda: not self._busy, _GRACE_SECONDS)

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
        plain.settimeout(_HANDSHAKE_TIMEOUT_SECONDS)
        return context.wrap_socket(plain, server_side=True) if context else plain

    def _cut(self, *, idle_only: bool) -> None:
        for connection, busy in self._busy.items():
            if not (busy and idle_only):
                # not SSLSocket.shutdown, which pulls the TLS state away under the thread that reads
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
