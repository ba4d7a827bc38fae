"""Rows of lists as their exports have them."""

from django.http import QueryDict

from operators.registry import LIST_EXPORTS, ExportRequest


def rows(name, query="", *, reader_id=0, in_full=False):
    """Of the list of this name, under the query of its page; each has a cell for each column."""
    listing = LIST_EXPORTS[name]
    asked = ExportRequest(listing.kept(QueryDict(query).dict()), reader_id, in_full)
    found = list(listing.rows(asked))
    assert {len(row) for row in found} <= {len(listing.head(asked))}
    return found


def names(found):
    return [row[0] for row in found]
