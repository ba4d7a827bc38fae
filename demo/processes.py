"""The portal's processes on one machine: how each is started, and how to run some of them for a while."""

import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings

from datasus_simulator.simulator import CONTROL_PORT
from operators.management.base import worker_arguments

START_TIMEOUT_SECONDS = 60
PR_SET_PDEATHSIG = 1
HOST = "127.0.0.1"
LAST_PORT = 65_535
MAX_PORTS_TRIED = 50


def folder() -> Path:
    """Where the invented files, the receipt and the PDF lie."""
    path: Path = settings.CNSPORTAL_DATA / "demo"
    path.mkdir(parents=True, exist_ok=True)
    return path


def free_port(wanted: int) -> int | None:
    """The port that is wanted, or the next one above it that nobody listens at."""
    return next((port for port in range(wanted, min(wanted + MAX_PORTS_TRIED, LAST_PORT + 1)) if _is_free(port)), None)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server will
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def web_command(port: int) -> list[str]:
    threads = ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    bind = f"{HOST}:{port}"
    return [sys.executable, "-m", "gunicorn", "cnsportal.wsgi", "--bind", bind, "--log-level", "warning", *threads]


def worker_command() -> list[str]:
    return [sys.executable, "-m", *worker_arguments(concurrency=8)]


def scheduler_command(schedule: Path) -> list[str]:
    return [sys.executable, "-m", "celery", "--app=cnsportal", "beat", f"--schedule={schedule}", "--loglevel=WARNING"]


@dataclass(frozen=True)
class SimulatorPorts:
    """Where the simulator listens on this machine."""

    token: int
    query: int
    control: int

    @classmethod
    def of_settings(cls) -> Self:
        facts = settings.CADSUS_ENVIRONMENTS["simulator"]
        token, query = (urlsplit(facts[name]).port or 443 for name in ("token_url", "query_url"))
        return cls(token, query, CONTROL_PORT)

    @classmethod
    def free(cls) -> Self:
        with ExitStack() as bound:
            sockets = [bound.enter_context(socket.socket()) for _ in range(3)]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            return cls(*(each.getsockname()[1] for each in sockets))

    @property
    def environment(self) -> dict[str, str]:
        """What a worker must be told to find it."""
        return {
            "CADSUS_TOKEN_URL": f"https://localhost:{self.token}/api/osb/token",
            "CADSUS_QUERY_URL": f"https://localhost:{self.query}/cadsus/v2/PDQSupplierJWT",
        }

    @property
    def are_in_use(self) -> bool:
        return any(answers(("127.0.0.1", port)) for port in (self.token, self.query, self.control))

    def answer(self) -> bool:
        """Whether the simulator of this very data folder answers there: its certificate says so."""
        trust = ssl.create_default_context(cafile=settings.CNSPORTAL_DATA / "simulator" / "ca.pem")
        try:
            with socket.create_connection(("127.0.0.1", self.query), timeout=2) as plain:
                trust.wrap_socket(plain, server_hostname="localhost").close()
        except OSError:
            return False
        return True


def simulator_command(ports: SimulatorPorts) -> list[str]:
    where = ["--token-port", str(ports.token), "--query-port", str(ports.query), "--control-port", str(ports.control)]
    people = ["--people", str(folder() / "simulator.csv"), "--shapes"]
    return [sys.executable, "manage.py", "run_simulator", *people, *where]


def answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _end_with_parent() -> None:
    """Let the kernel end this process when the one that started it is gone, however that went (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Background:
    """A process that runs beside this one, its output in a file, started again when it dies."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.log = folder() / f"{name}.log"
        self.command = command
        self.environment = {**os.environ, **environment}
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who then stop them in order
                preexec_fn=_end_with_parent,  # noqa: PLW1509  (started before any thread of ours)
            )

    def revive(self) -> bool:
        """Start it again if it died; True when it had."""
        if self.process.poll() is None:
            return False
        self.process = self._start()
        return True

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def in_background(processes: Mapping[str, list[str]], environment: Mapping[str, str]) -> Iterator[list[Background]]:
    """Run these commands, by name, for the length of the block."""
    running: list[Background] = []
    try:
        running += [Background(name, command, environment) for name, command in processes.items()]
        yield running
    finally:
        for process in reversed(running):
            process.stop()


def wait_until(holds: Callable[[], bool], seconds: float = START_TIMEOUT_SECONDS) -> bool:
    """Ask until it holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
