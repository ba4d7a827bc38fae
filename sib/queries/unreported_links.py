"""Keys of the links of which ANS is to be told something."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from operators.context import current_operator_id

BATCH_SIZE = 2_000  # links


def find_links(query: str, **parameters: Any) -> Iterator[list[int]]:
    """Keys of links in batches, without an offset. ``query`` has a place for where to go on and how many to take."""
    last = 0
    about = {"operator": current_operator_id(), "today": timezone.localdate(), "size": BATCH_SIZE, **parameters}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, {**about, "after": last})
            found = [pk for (pk,) in cursor.fetchall()]
        if not found:
            return
        yield found
        last = found[-1]
