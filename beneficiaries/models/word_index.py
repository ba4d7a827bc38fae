"""Words of names in a full-text index (tsvector): found by how they begin, whatever their accents and capitals.

A trigram index also finds the middle of a word and costs several times as much to keep.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorExact, SearchVectorField
from django.db.models import F, Func, Q


class FoldedWords(Func):
    """The words of these columns, folded; an index is made of the very same expression."""

    template = "to_tsvector('simple', fold_name(%(expressions)s))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


def has_words(words: Iterable[str], *columns: str) -> Q:
    """Each of the folded words begins a word of these columns."""
    query = " & ".join(f"'{word}':*" for word in words)
    vector: Any = FoldedWords(*map(F, columns))
    return Q(SearchVectorExact(vector, SearchQuery(query, config="simple", search_type="raw")))
