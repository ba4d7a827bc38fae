"""A TLS server that answers exactly the bytes it is told, for what the simulator is too well-behaved to send."""

import json
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.core.cache import cache

TOKEN = json.dumps({"access_token": "token-de-teste", "token_type": "jwt", "expires_in": 1_800_000}).encode()


def forget_token(fingerprint):
    """As if nobody had asked for a token with this certificate yet."""
    cache.delete_many([f"cadsus:token:{what}:simulator:{fingerprint}" for what in ("token", "failure", "lock")])


@dataclass
class Canned:
    """One answer: given as it is, ``pause`` seconds between its bytes where there is one."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/soap+xml; charset=utf-8"
    headers: dict = field(default_factory=dict)
    pause: float = 0
    length: int | None = None  # told in place of the true one


@dataclass
class Server:
    url: str
    answers: dict = field(default_factory=dict)  # by path; a list is used up but for its last, a function sees the body
    received: list = field(default_factory=list)  # (path, headers, body, whether a certificate came)

    def next(self, path, body):
        answer = self.answers[path]
        if callable(answer):
            return answer(body)
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


@contextmanager
def canned_server(
    issued, client_ca=None, *, required=False, newest=ssl.TLSVersion.TLSv1_3, shape=lambda _: None
) -> Iterator[Server]:
    """``issued``: the server's certificate; ``client_ca``: PEM of who may issue client certificates.

    ``shape`` is given the TLS context and may make it any other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, issued)
    if client_ca:
        context.load_verify_locations(cadata=client_ca.decode())
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    context.maximum_version = newest
    shape(context)
    httpd = _Httpd(("127.0.0.1", 0), _Handler)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    httpd.canned = Server(f"https://localhost:{httpd.server_address[1]}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield httpd.canned
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def _load(context, issued):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(issued.key_pem + issued.certificate_pem)
        context.load_cert_chain(path)


class _Httpd(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """Handshakes are meant to fail here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        server = self.server.canned
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.received.append((self.path, dict(self.headers), body, bool(self.connection.getpeercert(True))))
        answer = server.next(self.path, body)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._write(answer)
        if answer.length is not None:
            self.close_connection = True

    def _write(self, answer):
        if not answer.pause:
            self.wfile.write(answer.body)
            return
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            time.sleep(answer.pause)

    do_GET = do_POST = _answer  # noqa: N815  (names of http.server)

    def log_message(self, *_: object):
        """Silent."""
