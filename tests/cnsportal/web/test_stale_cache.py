"""Counts shared by all who look: old ones are made anew aside, by one, while everybody is given what there is."""

import time
from contextvars import ContextVar
from itertools import count
from threading import Event

import pytest
from django.core.cache import cache

from cnsportal.web import stale_cache as module
from cnsportal.web.stale_cache import forget, last_deed, lately, note_deed

KEY = "tests:lately"


@pytest.fixture(autouse=True)
def forgotten():
    cache.delete_many([KEY, f"{KEY}:counting"])


def test_who_looks_soon_after_is_given_the_same_count():
    numbers = count()

    assert [lately(KEY, lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]


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
    lately(KEY, lambda: next(numbers))
    make_old()

    assert lately(KEY, lambda: next(numbers)) == 0
    assert eventually(lambda: cache.get(KEY)[0] == 1)


def test_who_finds_nothing_but_what_is_too_old_waits_for_the_count(monkeypatch):
    monkeypatch.setattr(module, "OLDEST", 1 - module.LEAST)
    lately(KEY, lambda: "old")

    assert eventually(lambda: cache.get(KEY) is None)
    assert lately(KEY, lambda: "new") == "new"


def test_an_old_count_is_made_anew_in_the_context_of_who_asked():
    word = ContextVar("word", default="nobody's")
    lately(KEY, lambda: "old")
    make_old()
    word.set("mine")

    lately(KEY, word.get)

    assert eventually(lambda: cache.get(KEY)[0] == "mine")


def test_a_count_that_took_long_is_kept_longer():
    lately(KEY, lambda: time.sleep(0.5))

    fresh_for = cache.get(KEY)[1] - time.time()
    assert 9 <= fresh_for <= 15


def test_a_count_is_made_anew_after_a_deed():
    numbers = count()
    lately(KEY, lambda: next(numbers))
    forget(KEY)

    assert lately(KEY, lambda: next(numbers)) == 1


def test_of_many_who_find_an_old_count_one_makes_it_anew():
    numbers = count(1)
    lately(KEY, lambda: 0)
    make_old()
    go_on = Event()

    def slow():
        go_on.wait(20)
        return next(numbers)

    given = [lately(KEY, slow) for _ in range(5)]
    go_on.set()

    assert given == [0] * 5
    assert eventually(lambda: cache.get(KEY)[0] == 1)
    assert next(numbers) == 2


def test_a_count_that_fails_lets_the_next_one_count():
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lately(KEY, fail)

    assert lately(KEY, lambda: 1) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_count_aside_that_fails_leaves_the_old_one_and_lets_the_next_one_count():
    def fail():
        raise RuntimeError

    lately(KEY, lambda: "old")
    make_old()
    lately(KEY, fail)

    assert eventually(lambda: cache.get(f"{KEY}:counting") is None)
    assert lately(KEY, lambda: "new") == "old"
    assert eventually(lambda: cache.get(KEY)[0] == "new")


def test_who_did_something_since_waits_for_a_count_that_shows_it_and_shares_it():
    numbers = count()
    lately(KEY, lambda: next(numbers))

    given = [lately(KEY, lambda: next(numbers), since=time.time()), lately(KEY, lambda: next(numbers))]

    assert given == [1, 1]


def test_a_count_that_began_before_the_deed_is_not_taken_for_newer(monkeypatch):
    """It may have missed what was committed while it went on."""
    deed = []

    def slow():
        deed.append(time.time())
        return "begun before"

    lately(KEY, slow)

    assert lately(KEY, lambda: "after", since=deed[0]) == "after"


def test_a_deed_counts_once_its_transaction_is_through(db, django_capture_on_commit_callbacks):
    begin = time.time()
    with django_capture_on_commit_callbacks(execute=True):
        note_deed(7, 11)
        before = last_deed(7, 11)

    assert (before < begin, last_deed(7, 11) >= begin, last_deed(7, 12)) == (True, True, 0)
