"""Figures of docs/scale.md: each a ratio against a reference measured in the same run, on a data folder of its own.
Below them how the identity policy judges the labelled set (docs/decisions/0011-identity.md).

BENCH_RECORDS (default 20,000) is the number of invented links of a conference, BENCH_LOOKUPS (3,000) that of the links
whose people are asked about.
"""

import os
import sys
from pathlib import Path

os.environ["CNSPORTAL_DATA"] = str(Path(__file__).resolve().parent.parent / ".data" / "bench")
os.environ.setdefault("CNSPORTAL_LOG_LEVEL", "WARNING")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cnsportal.settings")


def main() -> int:
    import django

    django.setup()
    from bench import cards, conference, identity, lookups, registry

    records = int(os.environ.get("BENCH_RECORDS", "20000"))
    with registry.fresh(int(os.environ.get("BENCH_LOOKUPS", "3000"))) as world:
        rows = [*lookups.measure(world)]
    with registry.fresh(records) as world:
        rows += [*conference.measure(world), *cards.measure(world)]
    for name, seconds, per_second, reference, ratio in rows:
        print(f"{name:<52}{seconds:>8.2f} s {per_second:>10,.0f} /s   {reference:<34}{ratio:>7}")
    print(*identity.table(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
