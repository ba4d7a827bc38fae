from collections.abc import Iterator

import pytest


@pytest.fixture
def operator(db: None) -> "Iterator[object]":
    """An operator whose context the test runs in."""
    from operators.context import operator_context
    from tests.factories import OperatorFactory

    operator = OperatorFactory()
    with operator_context(operator.pk):
        yield operator
