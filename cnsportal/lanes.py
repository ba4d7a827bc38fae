"""Work on the database that goes on side by side, each lane by a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.db import connection


def side_by_side(deeds: Sequence[Callable[[], int]]) -> Iterator[int]:
    """Do them all at once, each in its own thread and transaction; what each gives, in their order.

    One alone is done here and now, in the caller's transaction if there is one. The lanes know the caller's context
    (operator, request); an exception of one is raised here once all have ended.
    """
    if len(deeds) == 1:
        yield deeds[0]()
        return
    with ThreadPoolExecutor(len(deeds)) as pool:
        running = [pool.submit(copy_context().run, _lane, deed) for deed in deeds]
        yield from [each.result() for each in running]


def _lane(deed: Callable[[], int]) -> int:
    try:
        return deed()
    finally:
        connection.close()
