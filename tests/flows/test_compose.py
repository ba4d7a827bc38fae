"""The very commands of docker-compose.yml, with its environment, as plain processes on the embedded services."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from cnsportal.embedded import attach

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(COMPOSE)["services"]
VARIABLE = re.compile(r"\$\{([A-Z_]+):-((?:[^{}]|\{[^{}]*\})*)\}")


def interpolated(text, variables):
    """``${NAME:-default}`` as compose reads it, defaults that hold variables included."""
    while VARIABLE.search(text):
        text = VARIABLE.sub(lambda match: variables.get(match[1]) or match[2], text)
    return text


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    """What an administrator would put into .env to run on other services and ports."""
    data = tmp_path_factory.mktemp("compose")
    services = attach(data)
    ports = {name: free_port() for name in ("web", "token", "query")}
    return {
        "CNSPORTAL_DATA": str(data),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "CNSPORTAL_BIND": f"127.0.0.1:{ports['web']}",
        "SIMULATOR_HOST": "127.0.0.1",
        "SIMULATOR_TOKEN_PORT": ports["token"],
        "SIMULATOR_QUERY_PORT": ports["query"],
        "SIMULATOR_PEOPLE": str(data / "demo" / "simulator.csv"),
        "CADSUS_TOKEN_URL": f"https://localhost:{ports['token']}/api/osb/token",
        "CADSUS_QUERY_URL": f"https://localhost:{ports['query']}/cadsus/v2/PDQSupplierJWT",
    }


def arguments(name, variables):
    command = [interpolated(word, variables) for word in SERVICES[name]["command"]]
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def environment(name, variables):
    given = {key: interpolated(str(value), variables) for key, value in SERVICES[name]["environment"].items()}
    return {**{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}, **given}


def run(name, variables):
    """A service that does its work and ends; its exit code."""
    return subprocess.run(
        arguments(name, variables), env=environment(name, variables), cwd=ROOT, check=False, timeout=120
    ).returncode


@contextmanager
def serving(name, variables):
    log = Path(variables["CNSPORTAL_DATA"]) / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments(name, variables), env=environment(name, variables), cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield process, log
    finally:
        process.terminate()
        process.wait(timeout=60)


def eventually(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.2)
    return holds()


def health(variables):
    try:
        with urllib.request.urlopen(f"http://{variables['CNSPORTAL_BIND']}/health", timeout=2) as answer:
            return json.load(answer)
    except OSError:
        return None


def test_the_services_are_those_of_the_portal():
    assert list(SERVICES) == [
        "postgres", "redis", "migrate", "web", "worker", "scheduler", "simulator", "prepare",
    ]  # fmt: skip
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]} == {
        "simulator",
        "prepare",
    }


def test_the_system_comes_up_as_compose_starts_it(variables):
    assert (run("migrate", variables), run("prepare", variables)) == (0, 0)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(serving(name, variables)) for name in ("web", "worker", "scheduler", "simulator")
        }
        web, worker = running["web"][0], running["worker"][1]

        assert eventually(lambda: health(variables) == {"database": True, "broker": True}), running["web"][
            1
        ].read_text()
        assert eventually(lambda: "ready." in worker.read_text()), worker.read_text()
        assert eventually(lambda: "token=" in running["simulator"][1].read_text()), running["simulator"][1].read_text()
        assert eventually(lambda: "operators.sweep_runs" in worker.read_text()), worker.read_text()
        assert [name for name, (process, _) in running.items() if process.poll() is not None] == []
        assert web.poll() is None
