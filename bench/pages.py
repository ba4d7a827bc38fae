"""The portal's pages while a night runs: the web server as ``make run`` starts it, and somebody who is signed in."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from statistics import quantiles
from urllib.parse import urlencode

import requests

from bench import registry
from bench.filling import settle
from bench.nights import decide_the_rest
from bench.registry import World
from bench.worker import answer_of, started
from beneficiaries.models import Person
from operators.permissions import Role
from operators.services.access import grant_roles
from sib.models import ConferenceFile

EMAIL, PASSWORD = "medida@example.invalid", "uma senha longa de medição"
LIMIT_MILLISECONDS = 300
MIN_REQUESTS = 200  # requests
START_TIMEOUT_SECONDS = 30
PAUSE = 0.02  # seconds between two requests of the one reader


def measure(records: int) -> Iterator[str]:
    """The 95th percentile of each page, in milliseconds, while a first and an unchanged night run."""
    with registry.fresh(records) as world, _web_server() as address, _signed_in(world, address) as reader:
        world.make_files()
        yield from _during("first night", world, reader, address)
        decide_the_rest(records)
        settle()
        yield from _during("unchanged night", world, reader, address)


def _during(night: str, world: World, reader: requests.Session, address: str) -> Iterator[str]:
    taken: dict[str, list[float]] = {}
    with started(night, world.operator.pk, world.records) as process:
        for number, (name, path) in enumerate(cycle(_pages(world))):
            if process.poll() is not None and number >= MIN_REQUESTS:
                break
            taken.setdefault(name, []).append(
                _milliseconds(reader, f"{address}/o/{world.operator.registration}/{path}")
            )
            time.sleep(PAUSE)
        cost = answer_of(process)
    every = [milliseconds for times in taken.values() for milliseconds in times]
    yield (
        f"pages during a {night} of {world.records:,} ({cost.seconds:.1f} s): {len(every)} requests, "
        f"95th percentile {_p95(every):.0f} ms of {LIMIT_MILLISECONDS}, longest {max(every):.0f} ms"
    )
    yield "  " + ", ".join(f"{name} {_p95(times):.0f}" for name, times in taken.items())


def _p95(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=20)[-1]


def _milliseconds(reader: requests.Session, url: str) -> float:
    began = time.perf_counter()
    answer = reader.get(url, timeout=60, allow_redirects=False)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return (time.perf_counter() - began) * 1000


def _pages(world: World) -> Iterator[tuple[str, str]]:
    people = list(Person.objects.order_by("pk")[:: max(1, world.records // 20)][:20])
    for number, person in enumerate(people):
        yield "dashboard", ""
        yield "people", f"pessoas/?page={number + 1}"
        yield "search by name", "pessoas/?" + urlencode({"q": " ".join(person.name.split()[::2])})
        yield "search by CPF", "pessoas/?" + urlencode({"q": person.cpf or person.name})
        yield "person", f"pessoas/{person.pk}/"
        yield "conferences", "conferencias/"
        if last := ConferenceFile.objects.order_by("-pk").values_list("pk", flat=True).first():
            yield "conference", f"conferencias/{last}/"


@contextmanager
def _web_server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    threads = ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    command = [sys.executable, "-m", "gunicorn", "cnsportal.wsgi", "--bind", f"127.0.0.1:{port}", *threads]
    server = subprocess.Popen([*command, "--log-level", "warning"], env={**os.environ})
    try:
        _wait_for(f"{address}/health")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


@contextmanager
def _signed_in(world: World, address: str) -> Iterator[requests.Session]:
    """By the form, as anybody."""
    grant_roles(world.operator, EMAIL, [Role.CADASTRO, Role.REVISAO], PASSWORD)
    with requests.Session() as session:
        page = session.get(f"{address}/entrar/", timeout=30).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1] if token else ""}
        session.post(f"{address}/entrar/", form, headers={"Referer": f"{address}/entrar/"}, timeout=30)
        yield session
