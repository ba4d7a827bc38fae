"""The portal as processes of its own on one data folder, and everything that is heard of them."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import requests

from cnsportal.conf.embedded_services import start_or_attach
from tests import instances
from tests.paths import ROOT

STAFF = "uma-senha-bem-longa"
PATIENCE = 60  # seconds
READ = 1 << 20  # bytes of an open file


class Stage:
    """One data folder with the portal's processes on it, and everything that was heard of them."""

    def __init__(self, folder, simulator, ring) -> None:
        self.folder, self.data, self.simulator = folder, folder / "dados", simulator
        self.responses, self.logs, self.open_files, self.traffic = {}, {}, {}, bytearray()
        self.data.mkdir()
        instances.migrate(self.data)
        self.services = start_or_attach(self.data)
        self.environment = {
            **os.environ,
            "CNSPORTAL_DATA": str(self.data),
            "CNSPORTAL_LOG_LEVEL": "DEBUG",
            "CADSUS_KEK": ring,
            "CADSUS_TOKEN_URL": simulator.token_url,
            "CADSUS_QUERY_URL": simulator.query_url,
            "CADSUS_CA_BUNDLE": simulator.ca_path,
            "CADSUS_RATE": "0",
            "STAFF_PASSWORD": STAFF,
        }

    def type(self, *arguments: str, **environment):
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        self.logs[f"{arguments[0]} {len(self.logs)}"] = result.stdout + result.stderr
        return result

    def done(self, *arguments: str, **environment):
        result = self.type(*arguments, **environment)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode()

    @contextmanager
    def process(self, name, *arguments: str, **environment):
        path = self.folder / f"{name}.log"
        with path.open("wb") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env={**self.environment, **environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        try:
            yield path
        finally:
            running.terminate()
            running.wait(PATIENCE)
            self.logs[name] = path.read_bytes()

    @contextmanager
    def broken(self, table):
        """While the table has another name, whoever needs it meets an error that nobody expected."""
        self.execute(f"ALTER TABLE {table} RENAME TO hidden")
        try:
            yield
        finally:
            self.execute(f"ALTER TABLE hidden RENAME TO {table}")

    def execute(self, statement, *values: object):
        with psycopg2.connect(self.services.database_url) as database, database.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def overheard(self):
        """Every command that Redis is given, and every file that the processes hold open, while the block runs."""
        over, before = threading.Event(), set(Path("/proc").iterdir())
        place = urlsplit(self.services.redis_url)
        line = socket.create_connection((place.hostname, place.port), timeout=0.2)
        line.sendall(f"AUTH {place.password}\r\nMONITOR\r\n".encode())
        listeners = [
            threading.Thread(target=work)
            for work in (lambda: self._listen(line, over), lambda: self._look(over, before))
        ]
        for listener in listeners:
            listener.start()
        try:
            yield
        finally:
            over.set()
            for listener in listeners:
                listener.join()
            line.close()

    def _listen(self, line, over) -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                self.traffic += line.recv(READ)

    def _look(self, over, before) -> None:
        while not over.wait(0.02):
            for process in _portal_processes(self.data, before):
                self._look_into(process)

    def _look_into(self, process) -> None:
        with suppress(OSError):
            self.open_files[f"cmdline {process.name}"] = (process / "cmdline").read_bytes()
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("/memfd:") or target.endswith("(deleted)"):
                        with descriptor.open("rb") as file:
                            self.open_files[f"{target} {len(self.open_files)}"] = file.read(READ)


def _portal_processes(data, before):
    """Those of this folder; what ran before is none of them, and not asked every time."""
    for entry in set(Path("/proc").iterdir()) - before:
        with suppress(OSError):
            if entry.name.isdigit() and f"CNSPORTAL_DATA={data}".encode() in (entry / "environ").read_bytes():
                yield entry


class Browser:
    """Somebody at one of the web servers; every answer is kept."""

    def __init__(self, stage, base) -> None:
        self.stage, self.base, self.session = stage, base, requests.Session()
        self.session.trust_env = False
        self.get("/entrar/")
        self.post("/entrar/", {"login": "ana@example.invalid", "password": STAFF})
        self.get("/o/999999/certificados/novo/")
        self.post(urlsplit(self.last.url).path, {"password": STAFF, "next": "/"})

    def get(self, path):
        return self._kept(self.session.get(f"{self.base}{path}", timeout=PATIENCE))

    def post(self, path, fields=None, **files: bytes):
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', self.last.text)[1]
        return self._kept(
            self.session.post(
                f"{self.base}{path}",
                data={"csrfmiddlewaretoken": token, **(fields or {})},
                files={name: (f"{name}.p12", data, "application/x-pkcs12") for name, data in files.items()} or None,
                timeout=PATIENCE,
            )
        )

    def send(self, file, password):
        self.get("/o/999999/certificados/novo/")
        return self.post("/o/999999/certificados/novo/", {"environment": "simulator", "password": password}, file=file)

    def _kept(self, response):
        self.last = response
        for each in (*response.history, response):
            name = f"{len(self.stage.responses)} {each.request.method} {each.url} {each.status_code}"
            self.stage.responses[name] = repr(each.headers).encode() + each.content
        return response


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(holds):
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found
    return found
