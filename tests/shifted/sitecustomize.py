"""For the Python of a shifted clock (tests.clocks): sleep by select, which libfaketime leaves alone.

``time.sleep`` waits for a moment of the monotonic clock; libfaketime 0.9.10 takes that moment for one of the shifted
clock, and the kernel refuses it.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
