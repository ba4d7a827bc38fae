"""Which column of the registry a heading of somebody's spreadsheet probably means.

Operators export from systems of their own: ``Nome do beneficiário``, ``DT_NASC``, ``Mãe``. What is guessed here is
shown to whoever sends the file, and remembered once it is confirmed.
"""

import json
from pathlib import Path

from beneficiaries.domain.csv_columns import COLUMNS
from beneficiaries.domain.names import plain_words

_FILE = Path(__file__).parent / "data" / "column_headings.json"
_HEADINGS: dict[str, list[str]] = json.loads(_FILE.read_text(encoding="utf-8"))
"""Column → what people call it, then other headings that were met for it."""
COLUMN_LABELS = {column: headings[0] for column, headings in _HEADINGS.items()}


def _key(heading: str) -> str:
    return "".join(plain_words(heading))


_BY_KEY = {_key(column): column for column in COLUMNS} | {
    _key(written): column for column, several in _HEADINGS.items() for written in several
}


def guess_column(heading: str) -> str:
    """The column, or "" where nothing of the kind is known."""
    return _BY_KEY.get(_key(heading), "")


def guess_columns(headings: list[str]) -> dict[str, str]:
    """Heading → column, or "". Of two that seem to mean the same: the column's own name, else the first."""
    own = [heading for heading in headings if _key(heading) in map(_key, COLUMNS)]
    taken: set[str] = set()
    guessed: dict[str, str] = {}
    for heading in [*own, *headings]:
        if heading in guessed:
            continue
        column = guess_column(heading)
        guessed[heading] = "" if column in taken else column
        taken.add(column)
    return {heading: guessed[heading] for heading in headings}
