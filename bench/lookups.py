"""Questions to DATASUS: the queue's worker against a bare loop of the same requests, both at the simulator.

The simulator runs as a process of its own, so that its work is not counted. Processor time of the worker includes the
PostgreSQL backend that serves it.
"""

import csv
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench import registry
from bench.registry import World
from bench.table import line
from beneficiaries.domain.identifiers import cns_from_base
from beneficiaries.models import CnsNumber, Person
from cadsus.client.pdq_query import ACTION, Search, envelope
from cadsus.models import EnvironmentName, Lookup, LookupReason, Priority
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import ask_cns, seal_credential, work_queue

LATENCY = 0.2  # seconds
CONCURRENCY = 32
ANSWER = 1000  # bytes; anything shorter is no person
IDEAL = CONCURRENCY / LATENCY  # questions a second
_LISTENING = re.compile(r"token=(\S+) consulta=(\S+)")


@dataclass(frozen=True, slots=True)
class Cost:
    seconds: float
    processor: float  # seconds
    count: int

    @property
    def each(self) -> float:
        """Milliseconds of a processor."""
        return self.processor * 1000 / self.count


def measure(records: int) -> Iterator[str]:
    with registry.fresh(records) as world:
        yield from _measure(world)


def _measure(world: World) -> Iterator[str]:
    table = world.folder / "datasus.csv"
    _write_people(table)
    with _simulator(table, world.operator.cnpj):
        _seal(world.operator.cnpj)
        people = Person.objects.exclude(cpf=None).order_by("pk")
        cpfs = [str(cpf) for cpf in people.values_list("cpf", flat=True)]
        _loop(cpfs[:200])  # connections, caches
        bare = _cost(lambda: _loop(cpfs), len(cpfs), backend=False)
        worker = _cost(lambda: _ask_everybody(len(cpfs)), len(cpfs), backend=True)
    yield _line("bare loop of requests.Session, 32 threads", bare, "")
    yield _line("lookups: queued, asked, judged, attached, recorded", worker, f"{worker.each / bare.each:.1f} ×")
    share = worker.count / worker.seconds / IDEAL
    yield f"  of the ideal {IDEAL:.0f} a second: {share:.0%}"


def _line(name: str, cost: Cost, ratio: str) -> str:
    """The ratio is that of the processor time."""
    return f"{line(name, cost.seconds, cost.count, ratio)}   {cost.each:.1f} ms of a processor each"


def _cost(operation: Callable[[], object], count: int, *, backend: bool) -> Cost:
    before, began = _processor(backend), time.perf_counter()
    operation()
    return Cost(time.perf_counter() - began, _processor(backend) - before, count)


def _processor(backend: bool) -> float:
    """Seconds of processor time of this process, and of the database's process that serves it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + (_of_backend() if backend else 0)


def _of_backend() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- the two ways ---------------------------------------------------------------------------------------------------


def _loop(cpfs: list[str]) -> None:
    """What anybody writes: a session a thread, the ready-made request, the reply as bytes."""
    environment = settings.CADSUS_ENVIRONMENTS["simulator"]
    local = threading.local()
    token = _token()

    def ask(cpf: str) -> int:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.trust_env = False
            local.session.verify = environment["ca_bundle"]
        body = template.replace(b"00000000191", cpf.encode())
        return len(local.session.post(environment["query_url"], body, headers=headers, timeout=30).content)

    template = envelope(Search(cpf="00000000191"), message_id=str(uuid4()), sender="BENCH", now=timezone.localtime())
    headers = {
        "Authorization": f"jwt {token}",
        "Content-Type": f'application/soap+xml; charset=utf-8; action="{ACTION}"',
    }
    with ThreadPoolExecutor(CONCURRENCY) as threads:
        answered = sum(size > ANSWER for size in threads.map(ask, cpfs))
    _expect(answered, len(cpfs))


def _token() -> str:
    folder = settings.CNSPORTAL_DATA / "simulator"
    environment = settings.CADSUS_ENVIRONMENTS["simulator"]
    pair = (str(folder / "client.crt"), str(folder / "client.key"))
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(environment["token_url"], verify=environment["ca_bundle"], cert=pair, timeout=30)
    return str(answer.json()["access_token"])


def _ask_everybody(count: int) -> None:
    """From the wish to the last settled answer."""
    people = Person.objects.exclude(cpf=None).values_list("pk", flat=True)
    ask_cns(list(people), reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
    while Lookup.objects.open().exists():
        work_queue(CONCURRENCY)
    _expect(CnsNumber.objects.current().count(), count)


def _expect(found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} answers instead of {wanted}")


# ---- the world of the measurement -----------------------------------------------------------------------------------


def _write_people(path: Path) -> None:
    columns = ["person", "cpf", "cns", "cns_kind", "name", "social_name", "mother_name", "birth_date", "sex"]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*columns, "status", "deceased", "behaviour"])
        for person in Person.objects.exclude(cpf=None):
            number, sex = cns_from_base(f"1{person.pk:010}"), {"1": "M", "3": "F"}.get(person.sex, "")
            facts = [person.name, "", person.mother_name, person.birth_date.isoformat(), sex]
            rows.writerow([person.pk, person.cpf, number, "D", *facts, "active", "false", ""])


def _seal(cnpj: str) -> None:
    folder = settings.CNSPORTAL_DATA / "simulator"
    password = (folder / "client.password").read_text(encoding="utf-8").strip()
    certificate = read_certificate((folder / "client.p12").read_bytes(), password, cnpj=cnpj, now=timezone.now())
    seal_credential(certificate, EnvironmentName.SIMULATOR)


@contextmanager
def _simulator(people: Path, cnpj: str) -> Iterator[None]:
    """The simulator, and the environment ``simulator`` leading to it without a limit of rate."""
    ports = ["--token-port=0", "--query-port=0", f"--latency-ms={LATENCY * 1000:.0f}"]
    command = [sys.executable, "manage.py", "run_simulator", f"--people={people}", f"--cnpj={cnpj}", *ports]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    try:
        ((token_url, query_url),) = _LISTENING.findall(process.stdout.readline() if process.stdout else "")
        facts = settings.CADSUS_ENVIRONMENTS["simulator"]
        facts.update(token_url=token_url, query_url=query_url, rate=0)
        yield
    finally:
        process.terminate()
        process.wait()
