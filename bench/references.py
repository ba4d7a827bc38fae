"""What the night is measured against: the floor below any program, and loaders as they are commonly written.

The loaders are given every ordinary kindness: C parsers, dictionaries, one transaction, bulk inserts where their shape
allows it. They compare five fields, keep no difference, no evidence and no mirror, and write the number with its event.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from django.db import connection, transaction
from django.utils import timezone
from lxml import etree

from bench.files import columns_file, conference_file
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource
from operators.audit import Event, EventKind, record
from operators.context import operator_context
from sib.formats.cnx.conference import read
from sib.formats.cnx.record import CnxRecord

BATCH_SIZE = 1_000
CHUNK_BYTES = 1 << 20


# ---- the floor ------------------------------------------------------------------------------------------------------


def floor(_operator_id: int, records: int) -> None:
    _parse(records)
    _copy(records)


def _parse(records: int) -> None:
    """The bytes through expat, without a handler."""
    with conference_file(records, 1).open("rb") as file:
        expat.ParserCreate().ParseFile(file)


def _copy(records: int) -> None:
    """COPY of the same columns into an unlogged table, from a file that was written before, piece by piece."""
    columns = ", ".join(f"{name} text" for name in CnxRecord._fields[1:-2])
    with transaction.atomic(), connection.cursor() as cursor, columns_file(records).open("rb") as rows:
        cursor.execute(f"CREATE UNLOGGED TABLE bench_floor ({columns})")
        cursor.copy_expert("COPY bench_floor FROM STDIN", rows, size=CHUNK_BYTES)
        cursor.execute("DROP TABLE bench_floor")


def read_all(_operator_id: int, records: int) -> None:
    """The portal's reader: every record, its issues and the hash."""
    with conference_file(records, 1).open("rb") as file:
        for _ in read(file).records():
            pass


# ---- loaders as they are commonly written ---------------------------------------------------------------------------


def whole_tree(operator_id: int, records: int) -> None:
    """The file as a tree and the registry as dictionaries, compared in a loop, written in bulk."""
    tree = etree.parse(conference_file(records, 1))
    with operator_context(operator_id), transaction.atomic():
        links = {link.cco: link for link in Beneficiary.objects.select_related("person")}
        numbers = dict(CnsNumber.objects.current().values_list("person_id", "number"))
        outcomes: Counter[str] = Counter()
        wanted: dict[int, str] = {}
        for element in tree.iter("beneficiario"):
            theirs = _texts(element)
            link = links.get(element.get("cco"))
            outcome = _outcome(link, numbers.get(link.person_id, "") if link else "", theirs)
            outcomes[outcome] += 1
            if outcome == "CNS" and link:
                wanted[link.person_id] = theirs["cns"]
        _write(operator_id, wanted)


def row_by_row(operator_id: int, records: int) -> None:
    """iterparse, and for each record its link, its number, and a row of both tables where the number is new."""
    outcomes: Counter[str] = Counter()
    with operator_context(operator_id), transaction.atomic():
        for element in _elements(conference_file(records, 1)):
            theirs = _texts(element)
            link = Beneficiary.objects.select_related("person").filter(cco=element.get("cco")).first()
            ours = CnsNumber.objects.current().filter(person=link.person).first() if link else None
            outcome = _outcome(link, ours.number if ours else "", theirs)
            outcomes[outcome] += 1
            if outcome == "CNS" and link:
                _write(operator_id, {link.person_id: theirs["cns"]})


def _elements(path: Any) -> Iterator[Any]:
    for _, element in etree.iterparse(path, tag="beneficiario"):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _texts(element: Any) -> dict[str, str]:
    return {leaf.tag: leaf.text or "" for block in element for leaf in block}


def _outcome(link: Beneficiary | None, number: str, theirs: dict[str, str]) -> str:
    if link is None:
        return "ONLY THERE"
    person = link.person
    ours = (person.cpf or "", person.name.upper(), person.birth_date.isoformat(), person.mother_name.upper())
    if ours != tuple(theirs.get(name, "") for name in ("cpf", "nome", "dataNascimento", "nomeMae")):
        return "DIVERGENT"
    return "EQUAL" if number == theirs.get("cns", "") else "CNS"


def _write(operator_id: int, wanted: dict[int, str]) -> None:
    now = timezone.now()
    CnsNumber.objects.bulk_create(
        (
            CnsNumber(
                operator_id=operator_id,
                person_id=person,
                number=number,
                source=CnsSource.CNX,
                verified=True,
                attached_at=now,
            )
            for person, number in wanted.items()
        ),
        batch_size=BATCH_SIZE,
    )
    record(
        Event(EventKind.CNS_ATTACHED, "person", person, person, data={"number": wanted[person]}) for person in wanted
    )
