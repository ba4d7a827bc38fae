"""A file of the operator taken in: rehearsed, new, and the same once more; against COPY of the same rows.

Each operation runs in a process of its own; the two sizes show what grows.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from bench import registry
from bench.files import SEED
from bench.filling import settle
from bench.table import line
from bench.worker import Cost, done
from beneficiaries.services.csv_import.import_file import import_file
from demo.synthetic import invent, write_csv
from operators.context import operator_context

NAMES = {"import rehearsed": "rehearsed", "import new": "new", "import again": "the same once more, unchanged"}


def measure(records: int) -> Iterator[str]:
    small, large = _imports(max(1, records // 10)), _imports(records)
    floor = large["import floor"]
    yield f"operator's file of {records:,} rows, as multiples of the floor:"
    yield line("floor: the file by the csv module, then COPY", floor.seconds, records, "1.0 ×", floor.peak)
    for operation, name in NAMES.items():
        cost = large[operation]
        yield line(name, cost.seconds, records, f"{cost.seconds / floor.seconds:.1f} ×", cost.peak)
    for operation, name in NAMES.items():
        growth = large[operation].each / small[operation].each - 1
        yield (
            f"{name}, {small[operation].records:,} → {records:,}: {growth:+.0%} a row, "
            f"peak {small[operation].peak:.0f} → {large[operation].peak:.0f} MiB"
        )


def _imports(records: int) -> dict[str, Cost]:
    with registry.fresh(1) as world:
        with table_file(records).open("w", encoding="utf-8", newline="") as stream:
            write_csv(invent(records, SEED), stream)
        costs = {}
        for operation in ("import floor", "import rehearsed", "import new", "import again"):
            costs[operation] = done(operation, world.operator.pk, records)
            settle()
    return costs


def table_file(records: int) -> Path:
    folder: Path = settings.CNSPORTAL_DATA / "files"
    return folder / f"imported-{records}.csv"


def floor(_: int, records: int) -> None:
    """What nothing goes below: cells taken apart, and put down as they are."""
    with transaction.atomic(), connection.cursor() as cursor, table_file(records).open("rb") as stream:
        with table_file(records).open(encoding="utf-8-sig", newline="") as text:
            for _row in csv.reader(text):
                pass
        names = stream.readline().decode("utf-8-sig").strip().split(",")
        columns = ", ".join(f'"{name}" text' for name in names)
        cursor.execute(f"CREATE TEMP TABLE plain ({columns}) ON COMMIT DROP")
        cursor.copy_expert("COPY plain FROM STDIN WITH (FORMAT csv)", stream)


def rehearse(operator_id: int, records: int) -> None:
    _take(operator_id, records, rehearse=True)


def take(operator_id: int, records: int) -> None:
    _take(operator_id, records, rehearse=False)


def _take(operator_id: int, records: int, *, rehearse: bool) -> None:
    with operator_context(operator_id), table_file(records).open("rb") as stream:
        import_file(stream, rehearse=rehearse)
