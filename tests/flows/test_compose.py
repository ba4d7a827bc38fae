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

from cnsportal.conf.embedded_services import start_or_attach
from tests.deployment import DEMONSTRATION
from tests.paths import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(COMPOSE)["services"]
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])((?:[^{}]|\{[^{}]*\})*))?\}")


class Missing(Exception):
    """Compose does not start, and says this."""


def interpolated(text, variables):
    """``${NAME:-default}`` and ``${NAME:?sentence}`` as compose reads them, what they hold included."""

    def value(match):
        name, kind, rest = match.groups()
        if given := variables.get(name):
            return given
        if kind == "?":
            raise Missing(rest)
        return interpolated(rest or "", variables)

    return VARIABLE.sub(value, text).replace("$$", "$")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    """What an administrator would put into .env to run on other services and ports."""
    data = tmp_path_factory.mktemp("compose")
    services = start_or_attach(data)
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
        "CNSPORTAL_INBOX": str(data / "inbox"),
        "CADSUS_TOKEN_URL_SIMULATOR": f"https://localhost:{ports['token']}/api/osb/token",
        "CADSUS_QUERY_URL_SIMULATOR": f"https://localhost:{ports['query']}/cadsus/v2/PDQSupplierJWT",
    }


def arguments(name, variables):
    command = [interpolated(word, variables) for word in SERVICES[name]["command"]]
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def environment(name, variables):
    """What a container of the service is given: all of .env, and over it what compose puts together."""
    service = SERVICES[name]
    whole = variables if service.get("env_file") == [{"path": ".env", "required": False}] else {}
    made = {key: interpolated(str(value), variables) for key, value in service["environment"].items()}
    return {**{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}, **whole, **made}


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


SECRETS = {"POSTGRES_PASSWORD": "segredo-um", "REDIS_PASSWORD": "segredo-dois"}
PRODUCTION = {
    **SECRETS,
    "CNSPORTAL_PRODUCTION": "true",
    "CNSPORTAL_SECRET_KEY": "x" * 60,
    "CADSUS_KEK": "v1:" + "QUJD" * 10 + "QUI=",
    "CNSPORTAL_URL": "https://portal.exemplo.invalid",
    "CNSPORTAL_HOSTS": "portal.exemplo.invalid",
    "CADSUS_ENVIRONMENT": "production",
    "EMAIL_HOST": "correio.exemplo.invalid",
    "CADSUS_HOURS": "20:00-06:00",
    "CNSPORTAL_PROXIES": "2",
}
OURS = ("migrate", "web", "worker", "scheduler", "simulator", "prepare")


def settings_of(name, variables, tmp_path, *facts: str):
    """What the settings of a service say, loaded as its container would."""
    code = f"from django.conf import settings; print(*({', '.join(facts)},), sep='\\n')"
    here = {"CNSPORTAL_DATA": str(tmp_path), "CNSPORTAL_INBOX": str(tmp_path / "inbox")}
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment(name, {**variables, **here}), "DJANGO_SETTINGS_MODULE": "cnsportal.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    return loaded.stdout.splitlines()


def test_production_asks_datasus_and_knows_all_of_its_variables(tmp_path):
    said = settings_of(
        "worker",
        PRODUCTION,
        tmp_path,
        "settings.CADSUS_ENVIRONMENTS['production']['token_url']",
        "settings.CADSUS_ENVIRONMENTS['production']['query_url']",
        "settings.CADSUS_ENVIRONMENTS['production']['hours']",
        "settings.EMAIL_HOST",
        "settings.PROXIES",
        "settings.PUBLIC_URL",
        "settings.REDIS_URL",
        "settings.DATABASES['default']['PASSWORD']",
    )

    assert said == [
        "https://ehr-auth.saude.gov.br/api/osb/token",
        "https://servicos.saude.gov.br/cadsus/v2/PDQSupplierJWT",
        "20:00-06:00",
        "correio.exemplo.invalid",
        "2",
        "https://portal.exemplo.invalid",
        "redis://:segredo-dois@redis:6379/0",
        "segredo-um",
    ]


def test_all_services_of_ours_are_given_the_same():
    assert {name: environment(name, PRODUCTION) == environment("web", PRODUCTION) for name in OURS} == dict.fromkeys(
        OURS, True
    )


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_without_a_password_nothing_starts(missing):
    given = {name: value for name, value in SECRETS.items() if name != missing}

    with pytest.raises(Missing, match=f"Escreva {missing} em .env"):
        interpolated(COMPOSE, given)


def test_the_inbox_lies_where_somebody_can_drop_a_file():
    for name in OURS:
        assert "./inbox:/data/inbox" in SERVICES[name]["volumes"]
        assert environment(name, SECRETS)["CNSPORTAL_INBOX"] == "/data/inbox"


def test_redis_asks_for_the_password_that_ours_send():
    command = [interpolated(word, SECRETS) for word in SERVICES["redis"]["command"]]

    assert command == ["redis-server", "--appendonly", "yes", "--requirepass", "segredo-dois"]
    assert interpolated(SERVICES["redis"]["environment"]["REDISCLI_AUTH"], SECRETS) == "segredo-dois"


def test_services_are_watched_and_may_end_what_they_do():
    assert {name: "healthcheck" in SERVICES[name] for name in ("postgres", "redis", "web")} == dict.fromkeys(
        ("postgres", "redis", "web"), True
    )
    assert {name: SERVICES[name]["stop_grace_period"] for name in ("web", "worker")} == {"web": "40s", "worker": "2m"}


def test_production_knows_no_command_of_the_demonstration(tmp_path):
    here = {"CNSPORTAL_DATA": str(tmp_path), "CNSPORTAL_INBOX": str(tmp_path / "inbox")}
    listed = subprocess.run(
        [sys.executable, "manage.py", "help", "--commands"],
        env=environment("web", {**PRODUCTION, **here}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    known = set(listed.stdout.split())
    assert {"demo", "generate_cnx", "generate_rpx", "prepare", "run_simulator", "serve"} == DEMONSTRATION
    assert (known & DEMONSTRATION, known >= {"deploy", "grant_access", "query_cns"}) == (set(), True)


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
        port = variables["CNSPORTAL_BIND"].rpartition(":")[2]
        check = [word.replace("8000", port) for word in SERVICES["web"]["healthcheck"]["test"][1:]]
        assert subprocess.run([sys.executable, *check[1:]], check=False, timeout=30).returncode == 0
