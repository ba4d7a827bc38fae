"""Names of files that other people chose, made fit to be kept."""

import os
from pathlib import Path

MAX_NAME_BYTES = 200  # disks take 255


def printable(name: str) -> str:
    """The name as text that may be kept, whatever its bytes on the disk."""
    return os.fsencode(name).decode("utf-8", "replace")


def truncate_name(name: str) -> str:
    """A name that any disk takes and any text may hold, with room for a number before it and an ending behind."""
    clean = printable(name)
    suffix = Path(clean).suffix[:10]
    stem = clean.removesuffix(suffix).encode()[: MAX_NAME_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore") + suffix
