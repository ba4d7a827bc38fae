"""Long lists read piece by piece, through a cursor of the server."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
CHUNK_SIZE = 2000  # rows whose related rows are read together


def in_chunks(rows: QuerySet[M]) -> Iterator[list[M]]:
    """In the order of the queryset; what is prefetched is read for each chunk."""
    source = rows.iterator(CHUNK_SIZE)
    while chunk := list(islice(source, CHUNK_SIZE)):
        yield chunk
