"""Ten thousand questions, one in twenty of them disturbed, a minute of outage in the middle: a real worker, a real
scheduler, the simulator as a process of its own. Afterwards everybody is where he or she belongs.
"""

import csv
import re
import time
from collections import Counter
from datetime import date

import pytest
import requests
from celery import current_app
from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base, cpf_from_base
from beneficiaries.models import CnsNumber, Person
from cadsus.models import EnvironmentName, Exchange, Lookup, LookupReason, Priority
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import ask_cns, seal_credential
from datasus_simulator.pki import TestPki
from operators.context import operator_context
from tests.factories import OperatorFactory, cns
from tests.processes import portal_process

PEOPLE = 10_000
OUTAGE = 60  # seconds
PATIENCE = 420  # seconds
FAULTS = [
    f"{fault}_once"
    for fault in (
        *("unavailable", "too_many", "fault_500", "fault_200", "html_503", "html_500", "html_200", "empty", "accepted"),
        *("reset", "token_401", "forbidden"),
    )
]
ANSWERS = {"200 OK", "200 NF", "200 QE"}


def cpf(index):
    return cpf_from_base(f"{300000000 + index:09d}")


def record(index):
    """What DATASUS holds of a person: of twenty, one is disturbed; some are unknown, provisional or somebody else."""
    row = {
        "person": index,
        "cpf": cpf(index),
        "cns": cns(index),
        "cns_kind": "D",
        "name": "MARIA APARECIDA EXEMPLO",
        "mother_name": "JOANA EXEMPLO",
        "birth_date": "1984-02-29",
        "sex": "F",
        "behaviour": FAULTS[index // 20 % len(FAULTS)] if index % 20 == 0 else "",
    }
    return row | {3: {"cns_kind": "P"}, 4: {"birth_date": "1950-01-01"}, 5: {"behaviour": "query_error"}}.get(
        index % 50, {}
    )


def expected(index):
    """(status, outcome, attached) in the end."""
    return {
        2: ("DONE", "NOT_FOUND", False),
        3: ("DONE", "FOUND", False),
        4: ("DONE", "FOUND", False),
        5: ("FAILED", "REFUSED", False),
    }.get(index % 50, ("DONE", "FOUND", True))


@pytest.fixture
def datasus(tmp_path):
    """The simulator's addresses."""
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, [*record(0), "social_name", "status", "deceased"])
        rows.writeheader()
        rows.writerows(record(index) for index in range(PEOPLE) if index % 50 != 2)
    ports = ["--token-port=0", "--query-port=0", "--control-port=0", "--latency-ms=20"]
    with portal_process(
        "manage.py", "run_simulator", f"--people={tmp_path / 'people.csv'}", *ports, CNSPORTAL_DATA=str(tmp_path)
    ) as simulator:
        line = simulator.stdout.readline()
        yield dict(re.findall(r"(\w+)=(http\S+)", line))


def control(datasus, path="", **switches):
    address = f"{datasus['controle'].removesuffix('/__control')}/__control{path}"
    answer = requests.post(address, json=switches, timeout=30) if switches else requests.get(address, timeout=30)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture
def register(transactional_db, tmp_path, datasus):
    """An operator with a certificate of the simulator's authorities in use, and its fingerprint."""
    authorities = TestPki.open(tmp_path / "simulator" / "pki")

    def register(cnpj):
        operator = OperatorFactory(cnpj=cnpj)
        data = authorities.issue_ecnpj(cnpj=cnpj, legal_name="Operadora Exemplo", password="x")
        certificate = read_certificate(data, "x", cnpj=cnpj, now=timezone.now())
        with operator_context(operator.pk):
            seal_credential(certificate, EnvironmentName.SIMULATOR)
        return operator, certificate.fingerprint

    return register


@pytest.fixture
def worker(transactional_db, datasus, tmp_path):
    """A worker that schedules as well; what other tests left at the broker is not its concern."""
    with current_app.connection_for_write() as broker:
        for queue in ("interactive", "lookups", "bulk"):
            broker.default_channel.client.delete(queue)
    arguments = ["--pool=threads", "--concurrency=4", "--queues=interactive,lookups,bulk", "--without-mingle"]
    with portal_process(
        *("-m", "celery", "--app=cnsportal", "worker", "--beat", f"--schedule={tmp_path / 'schedule'}", *arguments),
        CADSUS_TOKEN_URL=datasus["token"],
        CADSUS_QUERY_URL=datasus["consulta"],
        CADSUS_CA_BUNDLE=str(tmp_path / "simulator" / "ca.pem"),
        CADSUS_RATE="0",
        CADSUS_CONCURRENCY="24",
        CADSUS_BREAKER_SECONDS="2",
    ) as running:
        yield running


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(Counter(Lookup.objects.values_list("status", "outcome")))
        time.sleep(0.5)


def people_of(operator, ordinals):
    """Their primary keys, in the order of the ordinals."""
    people = Person.objects.bulk_create(
        Person(
            operator=operator,
            cpf=cpf(ordinal),
            name="Maria Aparecida Exemplo",
            name_key="MARIA APARECIDA EXEMPLO",
            mother_name="Joana Exemplo",
            birth_date=date(1984, 2, 29),
            sex="3",
        )
        for ordinal in ordinals
    )
    return [person.pk for person in people]


def ask_about(people):
    ask_cns(people, reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)


def test_queue_of_ten_thousand_heals_by_itself(register, datasus, worker):
    operator, _ = register("11222333000181")
    with operator_context(operator.pk):
        people = people_of(operator, range(PEOPLE))

        ask_about(people)
        wait_until(lambda: Lookup.objects.filter(status="DONE").count() > PEOPLE // 4)
        control(datasus, outage={"seconds": OUTAGE, "behaviour": "html_503"})
        wait_until(lambda: not Lookup.objects.open().exists())

        ends = {
            person: tuple(end)
            for person, *end in Lookup.objects.values_list("person_id", "status", "outcome", "attached")
        }
        numbers = dict(CnsNumber.objects.current().values_list("person_id", "number"))
        unavailable = Exchange.objects.filter(trouble="UNAVAILABLE").count()
    assert ends == {person: expected(ordinal) for ordinal, person in enumerate(people)}
    assert numbers == {person: cns(ordinal) for ordinal, person in enumerate(people) if expected(ordinal)[2]}
    assert asked_after_an_answer(datasus) == []
    assert unavailable < PEOPLE // 20  # the breaker kept the others from being burnt in the outage


def test_two_operators_at_work_at_once_never_use_each_others_certificate_or_token(register, datasus, worker):
    work = {}
    for cnpj, ordinals in (("11222333000181", range(6, 46)), (cnpj_from_base("445556660001"), range(56, 86))):
        operator, fingerprint = register(cnpj)
        with operator_context(operator.pk):
            ask_about(people_of(operator, ordinals))
        work[fingerprint] = operator, len(ordinals)

    for operator, _ in work.values():
        with operator_context(operator.pk):
            wait_until(lambda: not Lookup.objects.open().exists())

    entries = control(datasus, "/log")
    subjects = {client: {entry["subject"] for entry in of(entries, "query", client)} for client in work}
    assert {client: len(asked) for client, asked in subjects.items()} == {
        client: count for client, (_, count) in work.items()
    }
    assert set.intersection(*subjects.values()) == set()
    assert {client: {entry["shown"] for entry in of(entries, "token", client)} for client in work} == {
        client: {client} for client in work
    }
    assert {entry["client"] for entry in entries} == set(work)


def of(entries, door, client):
    return [entry for entry in entries if (entry["door"], entry["client"]) == (door, client)]


def asked_after_an_answer(datasus):
    """Digests of people about whom DATASUS was asked again although it had answered."""
    answered, again = set(), []
    for entry in control(datasus, "/log"):
        if entry["door"] == "query" and entry["subject"] in answered:
            again.append(entry["subject"])
        if entry["answer"] in ANSWERS:
            answered.add(entry["subject"])
    return again
