"""Work done at once, each part in a thread, a connection and a context of its own."""

from threading import Barrier

import pytest
from django.db import connection

from cnsportal.db.parallel import run_in_parallel, serial_background
from operators.context import current_operator_id

MEETING_SECONDS = 10


def backend():
    """The number of the server's process behind this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_parts_run_at_once_by_connections_of_their_own(operator):
    meeting = Barrier(2, timeout=MEETING_SECONDS)

    def part():
        meeting.wait()
        return backend()

    pids = list(run_in_parallel([part, part]))

    assert len({*pids, backend()}) == 3


@pytest.mark.django_db(transaction=True)
def test_results_come_in_the_order_of_the_parts_and_know_the_operator(operator):
    assert list(run_in_parallel([lambda: 1, current_operator_id, lambda: 3])) == [1, operator.pk, 3]


@pytest.mark.django_db
def test_one_part_alone_is_done_in_the_transaction_of_the_caller(operator):
    assert list(run_in_parallel([backend])) == [backend()]


@pytest.mark.django_db(transaction=True)
def test_an_exception_is_raised_when_all_have_ended(operator):
    meeting, ended = Barrier(2, timeout=MEETING_SECONDS), []

    def fails():
        meeting.wait()
        raise ValueError("the first")

    def goes_on():
        meeting.wait()
        ended.append(True)
        return 1

    with pytest.raises(ValueError, match="the first"):
        list(run_in_parallel([fails, goes_on]))
    assert ended == [True]


@pytest.mark.django_db(transaction=True)
def test_background_is_done_in_order_beside_the_caller_and_through_at_the_end(operator):
    done = []
    with serial_background() as add:
        for number in range(3):
            add(lambda number=number: done.append(number) or number)

    assert done == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_background_raises_its_first_exception_at_the_end(operator):
    def fails():
        raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"), serial_background() as add:
        add(fails)
