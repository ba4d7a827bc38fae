"""Files that are there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A place beside ``path`` to write to; renamed into place at the end, gone after an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Text in UTF-8 with its mark, as spreadsheets want it; there whole or not at all."""
    with draft_of(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        yield file
