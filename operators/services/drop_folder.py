"""Folders into which files are dropped while nobody looks: when a file may be taken, and where it goes."""

import time
from hashlib import sha256
from pathlib import Path

from django.core.cache import cache

from operators.formats.file_names import truncate_name

LOOK_TTL_SECONDS = 3600  # how long a look at a resting file counts


def has_rested(path: Path) -> bool:
    """The same at this look as at the last one, with all that is in it."""
    seen, key = _look(path), f"inbox:{sha256(bytes(path)).hexdigest()}"
    before = cache.get(key)
    cache.set(key, seen, LOOK_TTL_SECONDS)
    return bool(seen) and before == seen


def _look(path: Path) -> list[tuple[str, int, int]]:
    """Empty for a folder into which nothing was put yet, and for what has just vanished."""
    try:
        states = [(each.name, each.stat()) for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    except FileNotFoundError:
        return []
    return [(name, state.st_size, state.st_mtime_ns) for name, state in states]


def move_file(path: Path, folder: Path, sentence: str = "") -> Path:
    target = free_path(folder, path.name)
    path.rename(target)
    if sentence:
        target.with_name(f"{target.name}.txt").write_text(f"{sentence}\n", encoding="utf-8")
    return target


def free_path(folder: Path, name: str) -> Path:
    """A name in the folder that nothing has; the time is added where the name is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / truncate_name(name)
    return path if not path.exists() else folder / f"{path.stem}-{time.time_ns()}{path.suffix}"
