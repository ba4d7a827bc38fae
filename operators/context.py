"""The operator scope (tenant): the operator on whose behalf this request, task or command runs.

Everything that belongs to an operator is read through managers that ask here and refuse to answer outside a context
(operators.models.OperatorManager). PostgreSQL is told as well, for row-level security
(RLS), which is not in force: no table has a policy yet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import connection

_current: ContextVar[int | None] = ContextVar("operator_id", default=None)


class NoOperatorContext(RuntimeError):
    """Data of an operator was asked for outside any operator's context: a fault of the program, never of the user."""


def current_operator_id() -> int:
    operator_id = _current.get()
    if operator_id is None:
        raise NoOperatorContext("operator data was read outside operator_context()")
    return operator_id


@contextmanager
def operator_context(operator_id: int) -> Iterator[None]:
    """Run the block for one operator; contexts of two operators do not nest."""
    outer = _current.get()
    if outer not in (None, operator_id):
        raise NoOperatorContext("an operator's context was entered inside another operator's")
    token = _current.set(operator_id)
    _tell_database(operator_id)
    try:
        with structlog.contextvars.bound_contextvars(operator_id=operator_id):
            yield
    finally:
        _current.reset(token)
        _tell_database(outer)


def _tell_database(operator_id: int | None) -> None:
    """For this connection's policies and its log; an aborted transaction drops it with everything else."""
    if connection.needs_rollback or connection.errors_occurred:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('cnsportal.operator_id', %s, false)", [str(operator_id or "")])
