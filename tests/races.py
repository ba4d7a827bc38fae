"""Several at once: each in its own thread and connection, and waiting for each other's locks."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from operators.context import operator_context

PATIENCE = 30  # seconds


def somebody_waits() -> bool:
    """Whether another connection stands before a lock, before patience ends."""
    for _ in range(PATIENCE * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False


def race(operator, operation, count):
    """Do the operation several times at once, each in its own thread and connection; the answers in any order."""
    start = threading.Barrier(count)

    def run(_):
        try:
            with operator_context(operator.pk):
                start.wait()
                return operation()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))
