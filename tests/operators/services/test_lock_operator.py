from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from operators.context import operator_context
from operators.services.lock_operator import lock_operator
from operators.services.operators import set_policy
from tests.factories import OperatorFactory, PersonFactory, UserFactory
from tests.paths import ROOT

OURS = ("cnsportal", "operators", "beneficiaries", "sib", "cadsus", "cards", "demo")


def elsewhere(pool, operator, work):
    """In another transaction, on another connection."""

    def run():
        try:
            with operator_context(operator.pk):
                return work()
        finally:
            connection.close()

    return pool.submit(run)


@pytest.mark.django_db(transaction=True)
def test_who_writes_of_the_operator_waits_and_who_refers_to_it_does_not():
    operator, other, actor = OperatorFactory(), OperatorFactory(), UserFactory()
    policy = {"cnx_auto_apply": not operator.cnx_auto_apply}

    with ThreadPoolExecutor(3) as pool, operator_context(operator.pk):
        with transaction.atomic():
            locked = lock_operator()
            waiting = elsewhere(pool, operator, lambda: set_policy(operator, policy, actor=actor))
            elsewhere(pool, operator, PersonFactory).result(timeout=10)
            elsewhere(pool, other, lambda: set_policy(other, policy, actor=actor)).result(timeout=10)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert (locked, waiting.result(timeout=10)) == (operator, True)


def test_nothing_else_locks_the_operators_row():
    modules = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    lockers = [path for path in modules if "Operator.objects.select_for_update" in path.read_text(encoding="utf-8")]

    assert lockers == [ROOT / "operators" / "services" / "lock_operator.py"]
