"""The scenario of the demonstration: what the operator, ANS and DATASUS each have about the same invented people.

Everything follows from one seed and the ordinals of links and people, so that two runs meet the same cases.
"""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from demo.synthetic import InventedLink, InventedPerson, invent, write_described
from demo.synthetic.cnx_records import conference, is_in_registry
from operators.formats.atomic_files import atomic_write
from sib.formats.cnx.writer import Heading, write_cnx

REGISTRATION = "999999"
CNPJ = "11222333000181"
LINKS = 3000
SEED = 509
HEADING = Heading(registration=REGISTRATION, sequence=1, created_at="2026-11-20T03:12:45")
SIMULATOR_COLUMNS = (
    "person",
    "cpf",
    "cns",
    "cns_kind",
    "name",
    "social_name",
    "mother_name",
    "birth_date",
    "sex",
    "status",
    "deceased",
    "behaviour",
)


def links() -> Iterator[InventedLink]:
    return invent(LINKS, SEED)


def write_registry(path: Path) -> None:
    """What the operator holds, as the CSV that import_beneficiaries reads, with three rows that cannot be."""
    spoiled = [link._replace(person=link.person._replace(cpf="12345678900")) for link in invent(LINKS + 3, SEED)][
        LINKS:
    ]
    with atomic_write(path) as file:
        write_described(chain((link for link in links() if is_in_registry(link)), spoiled), file)


def write_conference(path: Path) -> None:
    """What ANS holds, with its usual differences."""
    with path.open("wb") as file:
        write_cnx(file, HEADING, conference(links()))


def write_datasus(path: Path) -> None:
    """What DATASUS holds, as the simulator reads it."""
    people = {link.person.ordinal: link.person for link in links()}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, SIMULATOR_COLUMNS)
        rows.writeheader()
        for person in people.values():
            rows.writerows(_records(person))


def _records(person: InventedPerson) -> Iterable[dict[str, str]]:
    """One person of ten is unknown there, one stands twice, and so on; the rest are as they should be."""
    record = _record(person)
    match person.ordinal % 20:
        case 0 | 1:
            return []  # not found
        case 2:
            return [record, {**record, "person": f"{person.ordinal}b", "name": f"{person.name} Filho"}]  # several
        case 3:
            return [{**record, "name": "Fulano Fictício de Outro CPF", "birth_date": "1950-01-01"}]  # somebody else
        case 4:
            return [{**record, "cns_kind": "P"}]  # provisional only
        case 5:
            return [{**record, "name": _abbreviated(person.name)}]  # for the review desk
        case 6:
            return [{**record, "behaviour": "unavailable_once"}]
        case 7:
            return [{**record, "behaviour": "fault_500_once"}]
    return [record]


def _record(person: InventedPerson) -> dict[str, str]:
    return {
        "person": str(person.ordinal),
        "cpf": person.cpf,
        "cns": person.cns,
        "cns_kind": "D",
        "name": person.name,
        "social_name": person.social_name,
        "mother_name": person.mother_name,
        "birth_date": person.birth_date.isoformat(),
        "sex": {"1": "M", "3": "F"}[person.sex],
        "status": "active",
        "deceased": "false",
        "behaviour": "",
    }


def _abbreviated(name: str) -> str:
    first, *middle, last = name.split()
    return " ".join([first, *(word[0] if len(word) > 3 else word for word in middle), last])
