"""Long statements lie in ``.sql`` files, where editors, linters and psql read them, each under its name.

::

    -- name: same
    -- Why, where it is not plain.
    UPDATE decided SET fate = 'same' WHERE {condition}

Placeholders are those of ``str.format`` (sqlfluff's ``python`` templater reads them): names of our own tables and
columns, and conditions made of them. Values go as parameters, ``%(name)s``. Without Django, for ``<app>/sql/``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def read_statements(path: str) -> Mapping[str, str]:
    """What a file of the project (``sib/sql/candidates.sql``) holds, by name, each as it stands there.

    Raises ValueError where a name stands twice, or where something stands in front of the first name.
    """
    head, *parts = _NAMED.split((_ROOT / path).read_text(encoding="utf-8"))
    names, statements = parts[::2], [text.rstrip() for text in parts[1::2]]
    if len(set(names)) != len(names):
        raise ValueError(f"{path}: a name stands twice")
    if any(not line.startswith("--") for line in head.split("\n") if line):
        raise ValueError(f"{path}: a statement has no name")
    return dict(zip(names, statements, strict=True))
