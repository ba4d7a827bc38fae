"""Presses: outputs in order, no more work taken ahead than they can do, and none left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cards.render.documents import render_job
from cards.render.worker import RenderWorker, RenderWorkerFailed, rendered
from tests.cards.subjects import COMPANY, DENTAL, INDIVIDUAL, issued
from tests.paths import ROOT

CARDS = {"output": "cards", "bleed": False}
GROUPS = [[json.dumps(issued(subject).as_json())] for subject in (INDIVIDUAL, COMPANY, DENTAL)]


def test_a_press_makes_what_is_made_here():
    press = RenderWorker()
    try:
        made = [press.render(CARDS, GROUPS[0]), press.render({"output": "images", "ppi": 72}, GROUPS[1])]
    finally:
        press.close()

    assert made[0] == render_job(CARDS, [issued(INDIVIDUAL)])
    assert made[1] == render_job({"output": "images", "ppi": 72}, [issued(COMPANY)])


@pytest.mark.parametrize("presses", [1, 2, 3])
def test_outputs_come_in_the_order_of_the_groups(presses):
    made = list(rendered(CARDS, GROUPS * 3, presses=presses))

    assert [group for group, _ in made] == GROUPS * 3
    assert [output for _, output in made[:3]] == [output for _, output in made[3:6]]


def test_groups_are_taken_as_they_are_needed():
    taken = []

    def source():
        for number in range(20):
            taken.append(number)
            yield GROUPS[0]

    made = rendered(CARDS, source(), presses=1)
    next(made)

    assert len(taken) == 3
    made.close()


def test_a_group_that_cannot_be_drawn_fails_the_batch_and_leaves_no_press():
    before = presses_of(os.getpid())

    with pytest.raises(RenderWorkerFailed):
        list(rendered(CARDS, [*GROUPS, ['{"layout": 1, "fields": [{}]}']], presses=2))

    assert presses_of(os.getpid()) == before


def test_a_press_ends_with_the_worker_that_was_killed():
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLDING, json.dumps(GROUPS[0])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with worker.stdout:
        press = int(worker.stdout.readline())
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    deadline = time.monotonic() + 10
    while Path(f"/proc/{press}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{press}").exists()


HOLDING = """
import json, sys, time
from cards.render.worker import RenderWorker
press = RenderWorker()
press.render({"output": "cards", "bleed": False}, json.loads(sys.argv[1]))
print(press._process.pid, flush=True)
time.sleep(60)
"""


def presses_of(pid):
    return sorted(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
