"""A night with a CNX file, against the least that any program must do: parse the bytes and COPY the columns."""

import io
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from django.db import connection

from bench.registry import World, timed
from beneficiaries.models import CnsNumber, CnsSource
from beneficiaries.services import WantedCns, attach_cns
from cnsportal.runs import Status
from sib.cnx import read
from sib.models import ConferenceFile
from sib.services import process, receive

Row = tuple[str, float, float, str, str]


def measure(world: World) -> Iterator[Row]:
    path = world.conference(1)
    floor = timed(lambda: _parse(path)) + _copy(path)
    yield _row("floor: expat without handlers + COPY of the columns", floor, world.records, "", "")
    reading = timed(lambda: _read(path))
    yield _row("reading the records", reading, world.records, "of the floor", f"{reading / floor:.1f} ×")
    first = timed(lambda: _night(path))
    yield _row(
        "first night: every CNS new, history and audit", first, world.records, "of the floor", f"{first / floor:.1f} ×"
    )
    same = world.conference(2)
    unchanged = timed(lambda: _night(same))
    yield _row("unchanged night", unchanged, world.records, "of the floor", f"{unchanged / floor:.1f} ×")
    yield from _attachment()


def _row(name: str, seconds: float, count: int, reference: str, ratio: str) -> Row:
    return name, seconds, count / seconds, reference, ratio


def _parse(path: Path) -> None:
    with path.open("rb") as file:
        expat.ParserCreate().ParseFile(file)


def _copy(path: Path) -> float:
    """Seconds of the COPY alone: the same columns into an unlogged table, from memory."""
    with path.open("rb") as file:
        text = "".join("\t".join(map(str, record[:-2])) + "\n" for record in read(file).records())
    columns = ", ".join(f"c{index} text" for index in range(text[: text.index("\n")].count("\t") + 1))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE bench_floor ({columns})")
        seconds = timed(lambda: cursor.copy_expert("COPY bench_floor FROM STDIN", io.StringIO(text)))
        cursor.execute("DROP TABLE bench_floor")
    return seconds


def _read(path: Path) -> None:
    with path.open("rb") as file:
        for _ in read(file).records():
            pass


def _night(path: Path) -> None:
    file, _ = receive(path, name=path.name, wants_apply=True)
    process(file.pk)
    if ConferenceFile.objects.get(pk=file.pk).status != Status.DONE:
        raise RuntimeError("the conference was not applied")


def _attachment() -> Iterator[Row]:
    """The one door by sets, against one person after the other."""
    held = CnsNumber.objects.current().values_list("person_id", "number")[:2000]
    offers = [WantedCns(person, number, CnsSource.CNX) for person, number in held]
    one_by_one = timed(lambda: [attach_cns([offer]) for offer in offers])
    together = timed(lambda: attach_cns(offers))
    yield _row("attach_cns, 2,000 known numbers one by one", one_by_one, len(offers), "", "")
    yield _row(
        "attach_cns, the same as one set", together, len(offers), "of one by one", f"1/{one_by_one / together:.0f}"
    )
