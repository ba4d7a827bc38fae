"""What a conference comes in: a plain file, or a folder of several."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    open: Callable[[], BinaryIO]


def members(path: Path) -> list[Member]:
    """The files of the conference, in the order of their names."""
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    return [Member(each.name, partial(_open, each)) for each in paths]


def _open(path: Path) -> BinaryIO:
    return path.open("rb")
