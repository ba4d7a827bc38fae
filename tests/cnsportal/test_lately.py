"""Counts shared by all who look: counted anew when they are old, by one while the others take the old ones."""

import time
from itertools import count
from threading import Event, Thread

import pytest
from django.core.cache import cache

from cnsportal import lately as module
from cnsportal.lately import forget, lately

KEY = "tests:lately"


@pytest.fixture(autouse=True)
def forgotten():
    cache.delete_many([KEY, f"{KEY}:counting"])


def test_who_looks_soon_after_is_given_the_same_count():
    numbers = count()

    assert [lately(KEY, lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]


def test_an_old_count_is_made_anew(time_machine):
    numbers = count()
    lately(KEY, lambda: next(numbers))
    time_machine.move_to(module.time.time() + module.LEAST + 1)

    assert lately(KEY, lambda: next(numbers)) == 1


def test_a_count_that_took_long_is_kept_longer():
    lately(KEY, lambda: time.sleep(0.5))

    fresh_for = cache.get(KEY)[1] - time.time()
    assert 9 <= fresh_for <= 15


def test_a_count_is_made_anew_after_a_deed():
    numbers = count()
    lately(KEY, lambda: next(numbers))
    forget(KEY)

    assert lately(KEY, lambda: next(numbers)) == 1


def test_while_one_counts_the_others_are_given_the_old_count(monkeypatch):
    lately(KEY, lambda: "old")
    monkeypatch.setattr(module, "LEAST", 0)
    value, _ = cache.get(KEY)
    cache.set(KEY, (value, 0), 60)
    begun, go_on, given = Event(), Event(), []

    def slow():
        begun.set()
        go_on.wait(5)
        return "new"

    counting = Thread(target=lambda: given.append(lately(KEY, slow)))
    counting.start()
    begun.wait(5)
    meanwhile = lately(KEY, lambda: "never")
    go_on.set()
    counting.join()

    assert (meanwhile, given, cache.get(KEY)[0]) == ("old", ["new"], "new")


def test_a_count_that_fails_lets_the_next_one_count():
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lately(KEY, fail)

    assert lately(KEY, lambda: 1) == 1
