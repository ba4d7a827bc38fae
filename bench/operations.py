"""What is measured in a process of its own: ``python -m bench.operations OPERATION OPERATOR RECORDS``.

The process has loaded what a worker loads; its seconds are those of the operation alone, its peak is that of the
process from its first moment on (VmHWM), or of the largest that it started. PostgreSQL's are counted in neither.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from bench.worker import Cost
from cnsportal.db import peak_memory


def _operations() -> dict[str, Callable[[int, int], object]]:
    from bench import imports, nights, printing, references

    return {
        "floor": references.floor,
        "read": references.read_all,
        "first night": nights.first,
        "unchanged night": nights.unchanged,
        "import floor": imports.floor,
        "import rehearsed": imports.rehearse,
        "import new": imports.take,
        "import again": imports.take,
        "whole tree": references.whole_tree,
        "row by row": references.row_by_row,
        "issue cards": printing.issue,
        "print cards": printing.print_cards,
        "print sheets": printing.print_sheets,
        "write records": printing.write_records,
        "draw images": printing.draw_images,
        "draw plainly": printing.draw_plainly,
    }


def _measured(operation: Callable[[int, int], object], operator_id: int, records: int) -> Cost:
    began, processor = time.perf_counter(), time.process_time()
    operation(operator_id, records)
    return Cost(time.perf_counter() - began, time.process_time() - processor, _peak(), records)


def _peak() -> float:
    """Of this process or of one that it started and waited for, whichever had more."""
    return max(peak_memory.peak_rss_mib(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def main(name: str, operator_id: int, records: int) -> None:
    from bench.environment import prepare

    prepare()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(asdict(_measured(_operations()[name], operator_id, records))))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
