"""``make run`` from its first line to Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds


def processes_of(data):
    """Command lines of everything that runs in this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"CNSPORTAL_DATA={data}".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def port_is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def served(tmp_path):
    """The portal, from ``manage.py serve``, with what it printed until it answered."""
    if not port_is_free(8000):
        pytest.fail("a porta 8000 está em uso")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        env={**os.environ, "CNSPORTAL_DATA": str(tmp_path)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if "auditoria@" in line:
            break
    yield process, lines
    process.kill()
    process.communicate()


def test_serve_shows_figures_address_and_logins_and_stops_everything(served, tmp_path):
    process, lines = served

    with urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=10) as answer:
        health = json.load(answer)
    names = " ".join(processes_of(tmp_path))
    process.send_signal(signal.SIGINT)
    process.wait(timeout=PATIENCE)
    deadline = time.monotonic() + 30
    while processes_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)

    assert health == {"database": True, "broker": True}
    assert "O portal está em http://127.0.0.1:8000   (Ctrl-C encerra tudo)" in lines
    assert "O DATASUS simulado é dirigido em http://127.0.0.1:" in "\n".join(lines)
    assert [name in names for name in ("gunicorn", "worker", "beat", "run_simulator")] == [True] * 4
    assert (process.returncode, processes_of(tmp_path), port_is_free(8000)) == (0, [], True)
