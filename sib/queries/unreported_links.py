"""Finds the links of which something has to be reported to ANS."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id

_SQL = read_statements("sib/sql/unreported_links.sql")
BATCH_SIZE = 2_000  # links


def find_links(name: str, **parameters: Any) -> Iterator[list[int]]:
    """Keys of links in batches, without an offset, by the statement of this name."""
    last = 0
    about = {"operator": current_operator_id(), "today": timezone.localdate(), "size": BATCH_SIZE, **parameters}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SQL[name], {**about, "after": last})
            found = [pk for (pk,) in cursor.fetchall()]
        if not found:
            return
        yield found
        last = found[-1]
