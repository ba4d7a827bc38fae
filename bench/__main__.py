"""Figures of docs/scale.md: each a ratio against a reference measured in the same run, on a data folder of its own.

``python -m bench [PART ...]``; all parts where none is named. BENCH_RECORDS (default 100,000) is the number of records
of a conference, BENCH_LOOKUPS (3,000) that of the links whose people are asked about.
"""

import os
import sys
from collections.abc import Callable, Iterable

from bench.environment import prepare


def main(names: list[str]) -> int:
    prepare()
    parts = _parts(int(os.environ.get("BENCH_RECORDS", "100000")), int(os.environ.get("BENCH_LOOKUPS", "3000")))
    if strangers := [name for name in names if name not in parts]:
        print(f"no such part: {', '.join(strangers)}; there are {', '.join(parts)}", file=sys.stderr)
        return 2
    for name in names or parts:
        for line in parts[name]():
            print(line, flush=True)
    return 0


def _parts(records: int, lookups: int) -> dict[str, Callable[[], Iterable[str]]]:
    from bench import cards, conference, identity, imports, pages, searches
    from bench import lookups as asking

    return {
        "conference": lambda: conference.measure(records),
        "imports": lambda: imports.measure(records),
        "pages": lambda: pages.measure(records),
        "searches": lambda: searches.measure(records),
        "cards": lambda: cards.measure(min(records, cards.MAX_LINKS)),
        "lookups": lambda: asking.measure(lookups),
        "identity": identity.table,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
