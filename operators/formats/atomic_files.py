"""Atomic writes: a file is there whole or not at all, readable by the portal only.

What the portal makes is private by the umask of its processes (cnsportal.settings); what others brought is made so.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TextIO
from uuid import uuid4

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
LEFTOVER_SECONDS = 3600  # without a touch, after which a file that nobody wants was left by a killed process


def make_private(path: Path) -> None:
    """A file, or a folder with all in it, closed to other users of the machine, as far as it is ours to say so."""
    for each in [path, *path.rglob("*")]:
        if not each.is_symlink():
            with suppress(PermissionError, FileNotFoundError):
                each.chmod(PRIVATE_FOLDER if each.is_dir() else PRIVATE_FILE)


_DRAFT = ".part"


def _draft_name(path: Path) -> str:
    return f".{path.name[:80]}."


def temporary_paths(path: Path) -> list[Path]:
    """Drafts of this file that are there, those in use among them: a process that is killed leaves its own."""
    return list(path.parent.glob(f"{escape(_draft_name(path))}*{_DRAFT}"))


def delete_leftovers(paths: Iterable[Path]) -> int:
    """Of files that nobody wants, those untouched for LEFTOVER_SECONDS, since another may have just been made for a
    row that is yet to come; how many.
    """
    left = [path for path in set(paths) if _is_left(path)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_left(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > LEFTOVER_SECONDS
    return False


@contextmanager
def temporary_path(path: Path) -> Iterator[Path]:
    """A place beside ``path`` to write to; renamed into place at the end, gone after an exception.

    Nobody else's: a worker that was given up for dead may still be writing when the next one begins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{_draft_name(path)}{uuid4().hex}{_DRAFT}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[TextIO]:
    """Text in UTF-8 with its mark, as spreadsheets want it; there whole or not at all."""
    with temporary_path(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        yield file
