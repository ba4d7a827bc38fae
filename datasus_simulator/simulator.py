"""The simulator as one object: two TLS listeners and, on request, a control port."""

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from datasus_simulator import query_endpoint, token_endpoint
from datasus_simulator.control_api import ControlEndpoint
from datasus_simulator.people import Registry
from datasus_simulator.pki import TestPki
from datasus_simulator.query_endpoint import QueryEndpoint
from datasus_simulator.runtime_settings import Switches
from datasus_simulator.state import State
from datasus_simulator.tls_listener import Listener
from datasus_simulator.token_endpoint import TokenEndpoint

SERVER_NAMES = ("localhost", "simulator", "127.0.0.1", "::1")  # "simulator": its name among containers
TOKEN_PORT, QUERY_PORT, CONTROL_PORT = 8443, 8444, 8445  # the last one only where it is asked for


@dataclass(frozen=True, slots=True)
class Ports:
    """0 means any free port; no control port unless one is given."""

    token: int = TOKEN_PORT
    query: int = QUERY_PORT
    control: int | None = None


class Simulator:
    """Listens between ``start`` and ``stop``, or within a ``with`` block. Raises OSError where a port is taken."""

    def __init__(
        self,
        people: Callable[[], Registry],
        pki: TestPki,
        ports: Ports,
        *,
        latency_ms: tuple[int, int] = (0, 0),
        host: str = "127.0.0.1",
    ) -> None:
        self.state = State(people, Switches(latency_ms=latency_ms))
        required, optional = _contexts(pki)
        self._token = Listener(
            (host, ports.token),
            TokenEndpoint(self.state),
            lambda: optional if self.state.switches.certificate_by_http else required,
            lambda: self.state.journal.count("handshake refused"),
            self.state.clock,
        )
        self._query = Listener((host, ports.query), QueryEndpoint(self.state), lambda: optional, clock=self.state.clock)
        control = ports.control
        self._control = None if control is None else Listener(("127.0.0.1", control), ControlEndpoint(self.state))

    @property
    def token_url(self) -> str:
        return f"https://localhost:{self._token.port}{token_endpoint.PATH}"

    @property
    def query_url(self) -> str:
        return f"https://localhost:{self._query.port}{query_endpoint.PATH}"

    @property
    def control_url(self) -> str:
        """Empty where there is no control port."""
        return f"http://127.0.0.1:{self._control.port}/__control" if self._control else ""

    def start(self) -> None:
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        self.state.stopping.set()
        for listener in self._listeners:
            listener.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _listeners(self) -> list[Listener]:
        return [listener for listener in (self._token, self._query, self._control) if listener]


def _contexts(pki: TestPki) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context that requires a client certificate of the PKI, and one that takes it if it comes."""
    with tempfile.TemporaryDirectory() as folder:
        server = pki.issue_server(SERVER_NAMES)
        identity = Path(folder) / "server.pem"
        identity.write_bytes(server.key_pem + server.certificate_pem)
        return _context(identity, pki, ssl.CERT_REQUIRED), _context(identity, pki, ssl.CERT_OPTIONAL)


def _context(identity: Path, pki: TestPki, mode: ssl.VerifyMode) -> ssl.SSLContext:
    """The intermediates are known here, as they are to real servers: clients may come without their chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(identity)
    context.load_verify_locations(cadata=(pki.root_pem + pki.chain_pem).decode())
    context.verify_mode = mode
    return context
