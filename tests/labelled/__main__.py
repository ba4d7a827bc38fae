"""What is in the labelled set, or all of it as CSV."""

import csv
import sys
from collections import Counter
from pathlib import Path

from tests.labelled import COLUMNS, digest, labelled


def main(paths: list[str]) -> int:
    pairs = labelled()
    for (group, tier, kind), count in Counter((pair.group, pair.tier, pair.kind) for pair in pairs).items():
        sys.stdout.write(f"{group:<6} {tier} {kind:<48} {count:>6}\n")
    sys.stdout.write(f"{len(pairs)} pairs, SHA-256 {digest(pairs)}\n")
    for path in paths:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *(pair.row() for pair in pairs)])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
