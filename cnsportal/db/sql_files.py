"""Reads long SQL statements by name from ``.sql`` files, which editors, linters and psql can open.

::

    -- name: same
    -- Why, where it is not plain.
    UPDATE decided SET fate = 'same' WHERE {condition}

Placeholders are those of ``str.format`` (sqlfluff's ``python`` templater reads them): names of our own tables and
columns, and conditions made of them. Values go as parameters, ``%(name)s``. Without Django, for ``<app>/sql/``.
A comment below a name goes to the database with its statement: no placeholder stands in it.

What several statements of a file say is a part, ``-- part: is_active``; below it ``{is_active}`` stands for it.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"^-- (name|part): (\w+)\n", re.MULTILINE)
_PLACE = re.compile(r"(?<!{){(\w+)}(?!})")


def read_statements(path: str) -> Mapping[str, str]:
    """The statements of a file of the project (``sib/sql/candidates.sql``), by name, with their parts filled in.

    Raises ValueError where a name stands twice, or where something stands in front of the first name.
    """
    head, *rest = _NAMED.split((_ROOT / path).read_text(encoding="utf-8"))
    kinds, names, texts = rest[::3], rest[1::3], rest[2::3]
    if len(set(names)) != len(names):
        raise ValueError(f"{path}: a name stands twice")
    if any(not line.startswith("--") for line in head.split("\n") if line):
        raise ValueError(f"{path}: a statement has no name")
    parts: dict[str, str] = {}
    statements: dict[str, str] = {}
    for kind, name, text in zip(kinds, names, texts, strict=True):
        found = parts if kind == "part" else statements
        found[name] = _PLACE.sub(lambda place: parts.get(place[1], place[0]), text.rstrip())
    return statements
