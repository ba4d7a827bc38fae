"""Operator contexts, entered and left by tests."""

from contextlib import contextmanager

from operators.context import _current


@contextmanager
def outside_operator_context():
    """Step out of the operator's context for the block."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
