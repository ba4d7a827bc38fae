"""Text and numbers from people and programs: whether the database can store them, and how they are read."""

from typing import Any

MAX_KEY = 2**63 - 1  # of a bigint


def is_storable(value: Any) -> bool:
    """Whether every text in it, at any depth, is one for PostgreSQL: no NUL, no half of a character."""
    if isinstance(value, str):
        return ("\0" not in value and value.isascii()) or _is_text(value)
    if isinstance(value, dict):
        return all(is_storable(each) for pair in value.items() for each in pair)
    return all(map(is_storable, value)) if isinstance(value, list | tuple) else True


def _is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def key_of(text: str) -> int | None:
    """The key of a row that an address names; None where it is no such number."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    return int(text) if int(text) <= MAX_KEY else None
