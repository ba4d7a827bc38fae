"""Counts shared by all who look: old ones are made anew aside, by one, while everybody is given what there is."""

import time
from contextvars import ContextVar
from itertools import count
from threading import Event

import pytest
from django.core.cache import cache

from cnsportal.web import stale_cache as module
from cnsportal.web.stale_cache import invalidate, last_own_change, note_own_change, stale_while_revalidate

KEY = "tests:lately"


@pytest.fixture(autouse=True)
def forgotten():
    cache.delete_many([KEY, f"{KEY}:counting"])


def test_who_looks_soon_after_is_given_the_same_count():
    numbers = count()

    assert [stale_while_revalidate(KEY, lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]


def make_old():
    value, _, begun_at = cache.get(KEY)
    cache.set(KEY, (value, 0, begun_at), 60)


def eventually(holds):
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def test_who_finds_an_old_count_is_given_it_while_it_is_made_anew():
    numbers = count()
    stale_while_revalidate(KEY, lambda: next(numbers))
    make_old()

    assert stale_while_revalidate(KEY, lambda: next(numbers)) == 0
    assert eventually(lambda: cache.get(KEY)[0] == 1)


def test_who_finds_nothing_but_what_is_too_old_waits_for_the_count(monkeypatch):
    monkeypatch.setattr(module, "MAX_STALE_SECONDS", 1 - module.MIN_TTL_SECONDS)
    stale_while_revalidate(KEY, lambda: "old")

    assert eventually(lambda: cache.get(KEY) is None)
    assert stale_while_revalidate(KEY, lambda: "new") == "new"


def test_an_old_count_is_made_anew_in_the_context_of_who_asked():
    word = ContextVar("word", default="nobody's")
    stale_while_revalidate(KEY, lambda: "old")
    make_old()
    word.set("mine")

    stale_while_revalidate(KEY, word.get)

    assert eventually(lambda: cache.get(KEY)[0] == "mine")


def test_a_count_that_took_long_is_kept_longer():
    stale_while_revalidate(KEY, lambda: time.sleep(0.5))

    fresh_for = cache.get(KEY)[1] - time.time()
    assert 9 <= fresh_for <= 15


def test_a_count_is_made_anew_after_a_deed():
    numbers = count()
    stale_while_revalidate(KEY, lambda: next(numbers))
    invalidate(KEY)

    assert stale_while_revalidate(KEY, lambda: next(numbers)) == 1


def test_of_many_who_find_an_old_count_one_makes_it_anew():
    numbers = count(1)
    stale_while_revalidate(KEY, lambda: 0)
    make_old()
    go_on = Event()

    def slow():
        go_on.wait(20)
        return next(numbers)

    given = [stale_while_revalidate(KEY, slow) for _ in range(5)]
    go_on.set()

    assert given == [0] * 5
    assert eventually(lambda: cache.get(KEY)[0] == 1)
    assert next(numbers) == 2


def test_a_count_that_fails_lets_the_next_one_count():
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        stale_while_revalidate(KEY, fail)

    assert stale_while_revalidate(KEY, lambda: 1) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_count_aside_that_fails_leaves_the_old_one_and_lets_the_next_one_count():
    def fail():
        raise RuntimeError

    stale_while_revalidate(KEY, lambda: "old")
    make_old()
    stale_while_revalidate(KEY, fail)

    assert eventually(lambda: cache.get(f"{KEY}:counting") is None)
    assert stale_while_revalidate(KEY, lambda: "new") == "old"
    assert eventually(lambda: cache.get(KEY)[0] == "new")


def test_who_did_something_since_waits_for_a_count_that_shows_it_and_shares_it():
    numbers = count()
    stale_while_revalidate(KEY, lambda: next(numbers))

    given = [
        stale_while_revalidate(KEY, lambda: next(numbers), since=time.time()),
        stale_while_revalidate(KEY, lambda: next(numbers)),
    ]

    assert given == [1, 1]


def test_a_count_that_began_before_the_deed_is_not_taken_for_newer(monkeypatch):
    """It may have missed what was committed while it went on."""
    began = []

    def slow():
        began.append(time.time())
        return "begun before"

    stale_while_revalidate(KEY, slow)

    assert stale_while_revalidate(KEY, lambda: "after", since=began[0]) == "after"


def test_a_deed_counts_once_its_transaction_is_through(db, django_capture_on_commit_callbacks):
    begin = time.time()
    with django_capture_on_commit_callbacks(execute=True):
        note_own_change(7, 11)
        before = last_own_change(7, 11)

    assert (before < begin, last_own_change(7, 11) >= begin, last_own_change(7, 12)) == (True, True, 0)
