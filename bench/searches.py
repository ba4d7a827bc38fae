"""Pages of a large registry, one after the other by one reader: searches of every kind, lists with filters, counts.

Each page is the whole answer of the portal, without network. The reference is a fixed statement, asked between any
two pages: a machine that is busy otherwise slows both.
"""

import time
from collections.abc import Iterator
from itertools import islice
from statistics import median, quantiles
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client

from bench.lasting import lasting
from beneficiaries.models import Beneficiary, CnsNumber, Company, Contract, PendingReason, Person, Plan
from beneficiaries.queries.fixes import Fix
from beneficiaries.queries.worklists import Worklist
from operators.models import Operator, User
from operators.permissions import Role
from operators.services.access import grant_roles

EMAIL, PASSWORD = "medida@example.invalid", "uma senha longa de medição"
EACH = 20  # pages of one kind
GOAL_MILLISECONDS = 100  # 95th percentile
REFERENCE = "SELECT count(*) FROM generate_series(1, 100000) number WHERE number::text LIKE '%7%'"


def measure(records: int) -> Iterator[str]:
    with lasting(records) as operator:
        reader = _signed_in(operator)
        place = f"/o/{operator.registration}/"
        yield f"pages of a registry of {records:,}, milliseconds (goal: 95th percentile {GOAL_MILLISECONDS}):"
        for name, texts in _searches().items():
            yield _line(f"search: {name}", reader, [_found_at(reader, place, text) for text in texts])
        for name, paths in _pages().items():
            yield _line(name, reader, [place + path for path in paths])


def _line(name: str, reader: Client, addresses: list[str]) -> str:
    taken, reference = [], []
    for address in addresses:
        reference.append(_reference())
        taken.append(_milliseconds(reader, address))
    first, p95, ratio = taken[0], quantiles(taken, n=20)[-1], median(taken) / median(reference)
    return f"{name:<46}p50 {median(taken):>6.0f}   p95 {p95:>6.0f}   first {first:>6.0f}   {ratio:>5.1f} × reference"


def _milliseconds(reader: Client, address: str) -> float:
    began = time.perf_counter()
    answer = reader.get(address)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken


def _reference() -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(REFERENCE)
    return (time.perf_counter() - began) * 1000


def _found_at(reader: Client, place: str, text: str) -> str:
    return str(reader.post(f"{place}pessoas/busca/", {"q": text})["Location"])


def _signed_in(operator: Operator) -> Client:
    grant_roles(operator, EMAIL, [Role.CADASTRO, Role.REVISAO, Role.EMISSAO], PASSWORD)
    cache.clear()  # else the counts are those of the run before
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=EMAIL), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _searches() -> dict[str, list[str]]:
    people = list(Person.objects.exclude(mother_name="").exclude(cpf=None).order_by("pk")[100:100_000:97][:EACH])
    links = Beneficiary.objects.order_by("pk").select_related("contract")[100:100_000:97][:EACH]
    numbers = CnsNumber.objects.select_related("person").order_by("pk")[100:100_000:97][:EACH]
    emails = Person.objects.exclude(email="").values_list("email", flat=True)
    return {
        "whole name": [person.name for person in people],
        "two words of a name": [" ".join(person.name.split()[::2][:2]) for person in people],
        "common first name": [*_COMMON] * 2,
        "common family name": [*_FAMILIES] * 2,
        "nobody": [f"zuleidiqux {person.name.split()[0]}" for person in people],
        "name as it is typed": [person.name[:length] for person in people[:4] for length in range(3, 8)],
        "birth date": [f"{person.birth_date:%d/%m/%Y}" for person in people],
        "first name and birth date": [f"{person.name.split()[0]} {person.birth_date:%d/%m/%Y}" for person in people],
        "first name and year of birth": [f"{person.name.split()[0]} {person.birth_date:%y}" for person in people],
        "first name and last four of CPF": [f"{person.name.split()[0]} {str(person.cpf)[-4:]}" for person in people],
        "first name and last four of CNS": [f"{each.person.name.split()[0]} {each.number[-4:]}" for each in numbers],
        "mother's whole name": [person.mother_name for person in people],
        "first name and mother": [f"{person.name.split()[0]} {person.mother_name}" for person in people],
        "CPF": [str(person.cpf) for person in people],
        "CNS": [each.number for each in numbers],
        "code without zeros": [link.code.lstrip("0") for link in links],
        "CCO": [str(link.cco) for link in links],
        "e-mail": list(emails[:EACH]),
        "contract": list(Contract.objects.exclude(number="").values_list("number", flat=True)[:EACH]),
        "company": list(Company.objects.exclude(legal_name="").values_list("legal_name", flat=True)[:EACH]),
    }


_COMMON = ("maria", "ana", "jose", "joao", "antonio", "francisca", "carlos", "sonia", "paulo", "vera")
_FAMILIES = ("silva", "santos", "oliveira", "souza", "pereira", "costa", "almeida", "nascimento", "lima", "araujo")


def _pages() -> dict[str, list[str]]:
    people = Person.objects.order_by("pk").values_list("pk", flat=True)
    some = [f"pessoas/{pk}/" for pk in people[100:100_000:97][:EACH]]
    links = Beneficiary.objects.order_by("pk").values_list("pk", flat=True)[100:100_000:97][:EACH]
    return {
        "people": [*_in_turn("pessoas/")],
        "people, next page": [f"pessoas/?depois={pk}" for pk in people[100:100_000:97][:EACH]],
        **{f"people, {name}": [*_in_turn(f"pessoas/?{query}")] for name, query in _filters()},
        "what to correct": [*_in_turn("pessoas/corrigir/")],
        "person": some,
        "numbers of two people": [*_in_turn("pessoas/mesmo-cns/")],
        "tray and counters": [*_in_turn("tarefas/em-andamento/")],
        "desk": [*_in_turn("revisoes/")],
        "decided cases": [*_in_turn("revisoes/decididas/")],
        "cards": [*_in_turn("cartoes/")],
        "a card": [f"cartoes/{pk}/" for pk in links],
        "dashboard": [*_in_turn("")],
    }


def _filters() -> Iterator[tuple[str, str]]:
    for key, values in (("cns", ("verificado", "nao-verificado", "sem")), ("vinculo", ("ativo", "inativo"))):
        yield from ((f"{key} {value}", f"{key}={value}") for value in values)
    yield from ((f"reason {reason}", f"cns=sem&motivo={reason}") for reason in PendingReason)
    yield from ((f"list {each}", f"lista={each.value}") for each in Worklist)
    yield from ((f"fix {each}", f"correcao={each.value}") for each in Fix)
    plan, company = Plan.objects.order_by("pk").first(), Company.objects.order_by("pk").first()
    chosen = {
        "plano": plan and plan.pk,
        "empresa": company and company.pk,
        "idade": "19-23",
        "origem": "CNX",
        "nivel": "A",
    }
    yield from ((f"{key} {value}", f"{key}={value}") for key, value in chosen.items() if value)
    yield from (
        ("sorted by birth", "ordem=nascimento"),
        ("newest", "ordem=-entrada"),
        ("panel of filters", "filtros=1"),
    )


def _in_turn(path: str) -> Iterator[Any]:
    return islice(iter(lambda: path, None), EACH)
