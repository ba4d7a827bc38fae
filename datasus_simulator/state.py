"""The state shared by both endpoints and the control port."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasus_simulator.behaviours import SECONDS, Behaviours, ScheduledBehaviour
from datasus_simulator.continuation import OpenQueries
from datasus_simulator.people import Registry
from datasus_simulator.request_log import Journal
from datasus_simulator.runtime_settings import Switches, changed
from datasus_simulator.tokens import TokenOffice


@dataclass(slots=True)
class State:
    """What the endpoints and the control port share."""

    people: Callable[[], Registry]
    switches: Switches
    journal: Journal = field(default_factory=Journal)
    office: TokenOffice = field(init=False)
    queries: OpenQueries = field(default_factory=OpenQueries)
    holders: dict[str, str] = field(default_factory=dict)
    """The names on the certificates that came for a token, by fingerprint."""
    stopping: threading.Event = field(default_factory=threading.Event)
    _dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311  (latencies, not secrets)
    _had: set[tuple[str, ScheduledBehaviour]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.office = TokenOffice(self.clock)

    def clock(self) -> float:
        """Seconds since the epoch, as far ahead or behind as the switch says."""
        return time.time() + self.switches.clock_offset

    def due(self, key: str, behaviours: Iterable[ScheduledBehaviour]) -> Behaviours:
        """The behaviours that count now for one person; those of the first time are spent by this call."""
        with self._lock:
            due = {scheduled for scheduled in behaviours if (key, scheduled) not in self._had}
            self._had |= {(key, scheduled) for scheduled in due if scheduled.once}
        return frozenset(scheduled.behaviour for scheduled in due)

    def change(self, **wanted: Any) -> None:
        """Raises RefusedSwitch."""
        self.amend(lambda _: wanted)

    def amend(self, wanted: Callable[[Switches], Mapping[str, Any]]) -> None:
        """Change what follows from the switches as they are now, nobody else's change between. Raises RefusedSwitch."""
        with self._lock:
            self.switches = changed(self.switches, wanted(self.switches))

    def reset(self) -> None:
        """As at the start, but for the latency; tokens and first times are forgotten."""
        with self._lock:
            self._had.clear()
            self.switches = Switches(latency_ms=self.switches.latency_ms)
        self.office.forget()
        self.queries.forget()
        self.holders.clear()
        self.journal.clear()

    def pause(self, behaviours: Behaviours) -> None:
        """The latency, and the slowness that was asked for; a stop cuts it short."""
        shortest, longest = self.switches.latency_ms
        seconds = self._dice.uniform(shortest, longest) / 1000 + sum(
            SECONDS.get(behaviour, 0) for behaviour in behaviours
        )
        if seconds:
            self.stopping.wait(seconds)
