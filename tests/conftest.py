import functools
import gc
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_django

from tests import instances
from tests.cards.webhook_receiver import receiver
from tests.mail import mailbox
from tests.order import LONGEST_FIRST
from tests.paths import ROOT

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["mailbox", "receiver"]

# On a busy machine anything may take long once: no test is timed.
# Tests that write make their own rows of every example, and a list of their own would be timed again.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where pytest runs in several processes, they share the modules out in this order."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        places = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST_FIRST)}
        items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_sessionstart() -> None:
    """Nothing of what is imported and collected is garbage, which was looked for again and again."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


LAST_SECONDS = 5


@pytest.fixture(autouse=True)
def _not_over_midnight() -> None:
    """No test begins in the last seconds of an hour, and so of a day, in any zone: many read the day twice."""
    left = 3600 - time.time() % 3600
    if left < LAST_SECONDS:
        time.sleep(left)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The test database is made of one that is migrated, where the servers are ours."""
    from django.conf import settings
    from django.db import connection

    if "DATABASE_URL" not in os.environ and instances.is_migrated(settings.CNSPORTAL_DATA):
        connection.settings_dict["TEST"]["TEMPLATE"] = instances.MIGRATED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Keys begin high: written as an amount ("10.001") in an address or a field, one names no row."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename), greatest(coalesce(last_value, 1), 10000)) "
            "FROM pg_sequences WHERE schemaname = 'public' AND sequencename <> ALL(%s)",
            [["django_content_type_id_seq", "auth_permission_id_seq"]],
        )
    yield
    # A thread that served a browser may still hold a connection when the database is to be dropped.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["tests.passwords.QuickHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Where the servers are ours, and so their user may set triggers aside."""
    from django.test import TransactionTestCase

    from tests.flush import delete_rows

    with pytest.MonkeyPatch.context() as patch:
        if "DATABASE_URL" not in os.environ:
            patch.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
        yield


@pytest.fixture
def operator(db: None) -> "Iterator[object]":
    """An operator whose context the test runs in."""
    from operators.context import operator_context
    from tests.factories import OperatorFactory

    operator = OperatorFactory()
    with operator_context(operator.pk):
        yield operator


REMEMBERED = (
    *(b"cadsus:breaker:", b"cadsus:pace:", b"cadsus:queue:", b"cadsus:notice:", b"cadsus:overview:"),
    *(b"coverage:", b"reasons:", b"cards:", b"worklists:", b"equal_cases:", b"todo:"),
    b"people:values:",
)


@pytest.fixture(autouse=True)
def closed_breakers() -> "Iterator[None]":
    """What one test found out about DATASUS says nothing to the next: no breaker open, no turn taken, none leased."""
    from django.core.cache import cache

    yield
    server = _redis(cache._cache._servers[0])
    if keys := [key for key in server.scan_iter(count=1000) if any(name in key for name in REMEMBERED)]:
        server.delete(*keys)


@functools.cache
def _redis(url: str) -> "Redis":
    """One connection for all tests."""
    from redis import Redis

    return Redis.from_url(url)
