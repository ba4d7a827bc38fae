"""One deed in a process of its own (bench.deeds), as a worker would do it, and what it cost."""

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


def done(deed: str, operator_id: int, records: int) -> Cost:
    """What the deed cost; CalledProcessError where it failed."""
    with started(deed, operator_id, records) as process:
        return answer_of(process)


def started(deed: str, operator_id: int, records: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.deeds", deed, str(operator_id), str(records)]
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=_environment())


def answer_of(process: subprocess.Popen[str]) -> Cost:
    output, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Cost(**json.loads(output.splitlines()[-1]))


def _environment() -> dict[str, str]:
    return {**os.environ, "BENCH_DATA": os.environ["CNSPORTAL_DATA"]}
