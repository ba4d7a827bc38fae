"""The suite runs on the embedded services of a data folder of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("CNSPORTAL_DATA", str(Path(__file__).resolve().parent.parent / ".data" / "tests"))
os.environ.setdefault("CADSUS_RATE", "0")


@pytest.fixture
def operator(db: None) -> "Iterator[object]":
    """An operator whose context the test runs in."""
    from operators.context import operator_context
    from tests.factories import OperatorFactory

    operator = OperatorFactory()
    with operator_context(operator.pk):
        yield operator
