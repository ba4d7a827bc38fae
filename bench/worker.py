"""One operation in a process of its own (bench.operations), as a worker would do it, and what it cost."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    seconds: float
    processor: float  # seconds of it that this process computed
    peak: float  # MiB
    records: int

    @property
    def each(self) -> float:
        """Microseconds."""
        return self.seconds * 1e6 / self.records


def done(operation: str, operator_id: int, records: int) -> Cost:
    """What the operation cost; CalledProcessError where it failed."""
    with started(operation, operator_id, records) as process:
        return answer_of(process)


def started(operation: str, operator_id: int, records: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.operations", operation, str(operator_id), str(records)]
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=_environment())


def answer_of(process: subprocess.Popen[str]) -> Cost:
    output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Cost(**json.loads(output.splitlines()[-1]))


def _environment() -> dict[str, str]:
    return {**os.environ, "BENCH_DATA": os.environ["CNSPORTAL_DATA"]}
