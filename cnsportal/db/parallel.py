"""Parallel queries: database work side by side, each part on a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

from django.db import connection


def run_in_parallel(tasks: Sequence[Callable[[], int]]) -> Iterator[int]:
    """Do them all at once, each in its own thread and transaction; what each gives, in their order.

    One alone is done here and now, in the caller's transaction if there is one. The lanes know the caller's context
    (operator, request); an exception of one is raised here once all have ended.
    """
    if len(tasks) == 1:
        yield tasks[0]()
        return
    with ThreadPoolExecutor(len(tasks)) as pool:
        running = [pool.submit(copy_context().run, _lane, task) for task in tasks]
        yield from [each.result() for each in running]


@contextmanager
def serial_background() -> Iterator[Callable[[Callable[[], int]], None]]:
    """A lane beside the caller's own work: what it is given is done in order. At the end all of it is done, or the
    first exception is raised here.
    """
    with ThreadPoolExecutor(1) as pool:
        running: list[Future[int]] = []
        yield lambda task: running.append(pool.submit(copy_context().run, _lane, task))
        for each in running:
            each.result()


def _lane(task: Callable[[], int]) -> int:
    try:
        return task()
    finally:
        connection.close()
