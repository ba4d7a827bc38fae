"""What a conference takes of memory does not grow with it: read and rehearsed, and taken into the registry.

The figures at a million records are those of ``make bench``; here, that nothing is held that grows.
"""

import os
import subprocess
import sys

import pytest

from tests import instances
from tests.paths import ROOT
from tests.sib.hostile_files import HEAD, TAIL, record

SIZES = {"999999": 4_000, "888888": 24_000}  # records, by operator
CNPJ = {"999999": "11.222.333/0001-81", "888888": "33.000.167/0001-01"}
MOST = 300  # MiB, whatever the file
SPREAD = 8  # MiB that a process of Python may differ from the next


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder of its own with an operator for each size, and its conference."""
    data = tmp_path_factory.mktemp("memória")
    instances.migrate(data)
    with instances.running(data):
        _fill(data)
        yield data


def _fill(data) -> None:
    for operator, records in SIZES.items():
        names = ["--cnes", "1234567", "--legal-name", "Exemplo S.A.", "--trade-name", "Exemplo"]
        peak(data, "create_operator", "--registration", operator, "--cnpj", CNPJ[operator], *names)
        size = ["--records", str(records), "--seed", "1", "--out", str(data / f"{operator}.cnx")]
        peak(data, "generate_cnx", "--operator", operator, *size)


# A process is said to have been as large as the one that started it: a small one stands in between.
BETWEEN = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def peak(data, *arguments: str):
    """Most memory that the command had resident at once, in MiB; fails where the command does."""
    process = subprocess.run(
        [sys.executable, "-c", BETWEEN, sys.executable, "manage.py", *arguments],
        env={**os.environ, "CNSPORTAL_DATA": str(data)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(process.stdout) / 1024


def peaks(data, *arguments: str):
    """The same command for each operator and its conference, the smaller first."""
    return [peak(data, *(each.format(*which) for each in arguments)) for which in zip(SIZES, (1, 2), strict=True)]


def test_a_conference_of_any_size_takes_the_same_memory(data):
    conference = str(data / "{0}.cnx")
    operations = {
        "rehearsed": ["ingest_cnx", "--operator", "{0}", conference],
        "taken": ["onboard_operator", "--operator", "{0}", "--apply", "{1}"],
    }

    grown = {
        name: large - small for name, (small, large) in ((name, peaks(data, *operations[name])) for name in operations)
    }

    assert {name: growth < SPREAD for name, growth in grown.items()} == dict.fromkeys(operations, True), grown


def test_records_that_are_full_to_the_brim_take_no_more_than_others(data):
    """Each with as many fields that no schema knows, and letters in them, as the reader takes."""
    strange = "".join(f"<x{at}>{'ŝ' * 500}</x{at}>" for at in range(180))
    path = data / "cheia.cnx"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD.replace("ISO-8859-1", "UTF-8"))
        file.writelines(record(at).replace("</vinculo>", f"{strange}</vinculo>") for at in range(1, 601))
        file.write(TAIL)

    assert peak(data, "ingest_cnx", "--operator", "999999", str(path)) < MOST
