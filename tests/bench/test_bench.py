"""The bench itself, small: every part runs and prints its figures."""

import os
import re
import subprocess
import sys

import pytest

from tests import instances
from tests.paths import ROOT


def bench(data, *parts: str, records: int):
    return subprocess.run(
        [sys.executable, "-m", "bench", *parts],
        env={**os.environ, "BENCH_DATA": str(data), "BENCH_RECORDS": str(records)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    data = tmp_path_factory.mktemp("bench")
    instances.migrate(data)
    with instances.running(data):
        yield data


def test_bench_measures_imports_against_the_floor(data):
    done = bench(data, "imports", records=100)

    assert done.returncode == 0, done.stderr
    names = [re.split("  |: ", line.rstrip(":"))[0] for line in done.stdout.splitlines()]
    assert names == [
        "operator's file of 100 rows, as multiples of the floor",
        "floor",
        "rehearsed",
        "new",
        "the same once more, unchanged",
        "rehearsed, 10 → 100",
        "new, 10 → 100",
        "the same once more, unchanged, 10 → 100",
    ]


def test_bench_measures_nights_against_the_floor_and_the_common_loaders(data):
    done = bench(data, "conference", records=300)

    assert done.returncode == 0, done.stderr
    names = [re.split("  |: ", line.rstrip(":"))[0] for line in done.stdout.splitlines()]
    assert names == [
        "conference of 300 records, as multiples of the floor",
        "floor",
        "read",
        "first night",
        "unchanged night",
        "first night, 30 → 300",
        "unchanged night, 30 → 300",
        "whole tree, first night (300 records)",
        "whole tree, unchanged night (300 records)",
        "row by row, first night (300 records)",
        "row by row, unchanged night (300 records)",
    ]
