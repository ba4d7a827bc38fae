"""``make run`` from its first line to Ctrl-C."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from demo import scenario
from tests import instances
from tests.paths import ROOT

PATIENCE = 300  # seconds


def processes_of(data):
    """Command lines of everything that runs in this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"CNSPORTAL_DATA={data}".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def listens_at(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def manage(data, *arguments: str):
    """A command of the README, beside the portal or alone; its figures."""
    told = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--json"],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout.splitlines()[-1])


def second_one(data):
    """Serving from a folder from which the portal is served already."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return ended.returncode, ended.stderr


class Serving:
    """``manage.py serve`` from its first line until it answers; then what it printed, and Ctrl-C."""

    def __init__(self, data, port) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            env={**os.environ, "CNSPORTAL_DATA": str(data)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if "auditoria@" in line:
                break
        self.port = int(re.search(r"http://127.0.0.1:(\d+)   \(Ctrl-C", "\n".join(self.lines))[1])

    def health(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=PATIENCE) as answer:
            return json.load(answer)

    def stop(self):
        """Its exit code, and what still runs half a minute later."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)
        deadline = time.monotonic() + 30
        while processes_of(self.data) and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.process.returncode, processes_of(self.data), listens_at(self.port)


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(port):
        started.append(Serving(tmp_path, port))
        return started[-1]

    yield start
    for serving in started:
        serving.process.kill()
        serving.process.communicate()


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def use(data):
    """A day of work: a new person, a second conference, a card."""
    csv, cnx = data / "novo.csv", data / "segunda.CNX"
    csv.write_text(
        "codigoBeneficiario;nome;cpf;dataNascimento;sexo;nomeMae;relacaoDependencia;dataContratacao;numeroPlanoANS\n"
        "900001;Ana Fictícia de Uso;52998224725;1984-03-12;3;Marta Fictícia;1;2026-02-01;400070022\n",
        encoding="utf-8",
    )
    of = ["--operator", scenario.REGISTRATION]
    created = manage(data, "import_beneficiaries", *of, str(csv))["created"]
    manage(data, "generate_cnx", *of, "--records", "50", "--seed", "7", "--out", str(cnx))
    records = manage(data, "ingest_cnx", *of, str(cnx), "--apply")["records"]
    manage(data, "issue_cards", *of, "--out", str(data / "mais.pdf"))
    return created, records


GREETING = ("quem responde pelo DATASUS é um simulador", "/inbox/999999/", "Token da API", "linhas do arquivo")


def test_serve_begins_ends_and_begins_again_after_use(serve, taken_port, tmp_path):
    instances.migrate(tmp_path)
    first = serve(taken_port)
    names, health = " ".join(processes_of(tmp_path)), first.health()
    ended = first.stop()
    with instances.running(tmp_path):
        used = use(tmp_path)
    again = serve(first.port)

    assert f"A porta {taken_port} já está em uso por outro programa: o portal vai usar a {first.port}." in first.lines
    assert [name in names for name in ("gunicorn", "worker", "beat", "run_simulator")] == [True] * 4
    assert [part in "\n".join(first.lines) for part in GREETING] == [True, True, True, True]
    assert (ended, used) == ((0, [], False), (1, 50))
    assert [part in "\n".join(again.lines) for part in GREETING] == [True, True, True, False]  # the job is done once
    assert (health, again.health()) == ({"database": True, "broker": True},) * 2
    code, sentence = second_one(tmp_path)
    assert (code, sentence.count("\n")) == (1, 1)
    assert sentence.startswith(f"O portal desta pasta de dados já está no ar em http://127.0.0.1:{again.port}. Use")
    assert (again.port, again.stop()) == (first.port, (0, [], False))

    kept = manage(tmp_path, "demo")
    (tmp_path / "demo" / "contas.json").unlink()
    reckoned = manage(tmp_path, "demo")  # refuses where anything does not add up

    unlike = {name for name in kept if reckoned[name] != kept[name]}
    assert {name for name in unlike if not name.startswith("Cobertura: ")} == set()


@pytest.mark.parametrize("port", ["0", "70000", "oito", "-1"])
def test_a_port_that_is_none_is_told_by_the_parser(port):
    with pytest.raises(CommandError, match="use um número de 1 a 65535"):
        call_command("serve", f"--port={port}")
