"""What processes of another release keep in the cache: what this one cannot read is not there."""

import pickle
import sys
from dataclasses import dataclass
from types import ModuleType

import pytest
from django.core.cache import cache

from cnsportal.web.cache_serializer import CacheSerializer
from cnsportal.web.stale_cache import stale_while_revalidate
from operators.views.facets import Facet

KEY = "tests:another-release"


@dataclass
class Counts:
    people: int = 0


class AsItIs(CacheSerializer):
    """Writes bytes of another process."""

    def dumps(self, obj):
        return obj


@pytest.fixture
def kept(monkeypatch):
    """A value as another release pickled it: of a class in a module that this one does not have."""
    module = ModuleType("cnsportal.of_another_release")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(Counts, "__module__", module.__name__)
    module.Counts = Counts
    Counts.__qualname__ = "Counts"
    return pickle.dumps((Counts(5), 2e9, 2e9))


@pytest.fixture
def kept_by_another_release(kept, monkeypatch):
    monkeypatch.undo()
    with monkeypatch.context() as patch:
        patch.setattr(cache._cache, "_serializer", AsItIs())
        cache.set(KEY, kept, 60)
    yield
    cache.delete(KEY)


def test_what_another_release_kept_is_counted_anew(kept_by_another_release):
    assert (cache.get(KEY), stale_while_revalidate(KEY, lambda: 7), stale_while_revalidate(KEY, lambda: 8)) == (
        None,
        7,
        7,
    )


def test_all_else_is_read_as_it_was_kept():
    serializer = CacheSerializer()
    values = [0, 7, "texto", None, (1, 2.5), {"a": [True]}, Facet]

    assert [serializer.loads(serializer.dumps(value)) for value in values] == values
