"""The portal's processes on one machine: what each is started with, and how to run some of them for a while."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from operators.commands import worker_arguments

START_TIMEOUT = 60  # seconds
WEB_ADDRESS = ("127.0.0.1", 8000)


def folder() -> Path:
    """Where the invented files, the receipt and the PDF lie."""
    path: Path = settings.CNSPORTAL_DATA / "demo"
    path.mkdir(parents=True, exist_ok=True)
    return path


def web_command() -> list[str]:
    threads = ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    bind = f"{WEB_ADDRESS[0]}:{WEB_ADDRESS[1]}"
    return [sys.executable, "-m", "gunicorn", "cnsportal.wsgi", "--bind", bind, "--log-level", "warning", *threads]


def worker_command() -> list[str]:
    return [sys.executable, "-m", *worker_arguments(concurrency=8)]


def scheduler_command(schedule: Path) -> list[str]:
    return [sys.executable, "-m", "celery", "--app=cnsportal", "beat", f"--schedule={schedule}", "--loglevel=WARNING"]


def simulator_command() -> list[str]:
    return [sys.executable, "manage.py", "run_simulator", "--people", str(folder() / "simulator.csv")]


def answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def simulator_answers() -> bool:
    parts = urlsplit(settings.CADSUS_ENVIRONMENTS["simulator"]["query_url"])
    return answers((parts.hostname or "localhost", parts.port or 443))


class Background:
    """A process that runs beside this one, its output in a file, started again when it dies."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.log = folder() / f"{name}.log"
        self.command = command
        self.environment = {**os.environ, **environment}
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(self.command, env=self.environment, cwd=settings.BASE_DIR, stdout=log, stderr=log)

    def revive(self) -> bool:
        """Start it again if it died; True when it had."""
        if self.process.poll() is None:
            return False
        self.process = self._start()
        return True

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def in_background(processes: Mapping[str, list[str]], environment: Mapping[str, str]) -> Iterator[list[Background]]:
    """Run these commands, by name, for the length of the block."""
    running: list[Background] = []
    try:
        running += [Background(name, command, environment) for name, command in processes.items()]
        yield running
    finally:
        for process in reversed(running):
            process.stop()


def wait_until(holds: Callable[[], bool], seconds: float = START_TIMEOUT) -> bool:
    """Ask until it holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
