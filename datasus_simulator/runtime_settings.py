"""Settings that the control port can change while the simulator runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from datasus_simulator.behaviours import Behaviours, ScheduledBehaviour, parse_behaviours, parse_scheduled
from datasus_simulator.outages import DailyOutage, Outage
from datasus_simulator.tokens import LIFETIME_SECONDS


@dataclass(frozen=True, slots=True)
class Switches:
    latency_ms: tuple[int, int] = (0, 0)  # at least, at most
    token_lifetime: int = LIFETIME_SECONDS  # seconds
    expires_in: int | None = None  # milliseconds said by the token answer; None: those of token_lifetime
    token: Behaviours = frozenset()
    query: Behaviours = frozenset()
    continuation: Behaviours = frozenset()
    """Of the answers to Continue alone, besides those of ``query``."""
    page_size: int = 50  # persons in one reply, where the query does not say
    clock_offset: int = 0  # seconds that the simulator's clock is ahead
    outage: Outage | None = None
    outages: tuple[DailyOutage, ...] = ()
    certificate_by_http: bool = False
    """Who comes to the token endpoint without a certificate gets 401 instead of a failed handshake."""
    revoked: frozenset[str] = frozenset()  # fingerprints
    uncredentialed: frozenset[str] = frozenset()  # fingerprints
    faults: Mapping[str, frozenset[ScheduledBehaviour]] = field(default_factory=dict)
    """Manners by CPF, CNS, NIS or key of the person, besides those of the people file."""

    @property
    def outage_now(self) -> Behaviours:
        if not (self.outage or self.outages):
            return frozenset()
        moment = datetime.now(UTC)
        once = self.outage.now() if self.outage else frozenset()
        return once.union(*(daily.at(moment) for daily in self.outages))


class RefusedSwitch(Exception):
    """A message of the control port makes no sense: one sentence."""


def changed(switches: Switches, wanted: Mapping[str, Any]) -> Switches:
    """The switches after a message such as ``{"latency_ms": 200, "query": "html_503"}``. Raises RefusedSwitch."""
    return replace(switches, **{name: _read(name, value) for name, value in wanted.items()})


def _read(name: str, value: Any) -> Any:
    reader = _READERS.get(name)
    if reader is None:
        raise RefusedSwitch(f"Não há o ajuste {name}. Os ajustes são: {', '.join(_READERS)}.")
    try:
        return reader(value)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RefusedSwitch(f"O valor do ajuste {name} não é aceito.") from None


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError
    return value


def _page_size(value: Any) -> int:
    if not _whole_number(value):
        raise ValueError
    return int(value)


def _latency(value: Any) -> tuple[int, int]:
    """One number, or the least and the most."""
    shortest, longest = map(_whole_number, value) if isinstance(value, list) else [_whole_number(value)] * 2
    if shortest > longest:
        raise ValueError
    return shortest, longest


def _offset(value: Any) -> int:
    sign = -1 if isinstance(value, int) and value < 0 else 1
    return sign * _whole_number(sign * value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _fingerprints(value: Any) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(fingerprint.lower() for fingerprint in value)


def _faults(value: Any) -> Mapping[str, frozenset[ScheduledBehaviour]]:
    return {str(key): parse_scheduled(names) for key, names in value.items()}


_READERS: dict[str, Callable[[Any], Any]] = {
    "latency_ms": _latency,
    "token_lifetime": _whole_number,
    "expires_in": lambda value: None if value is None else _whole_number(value),
    "token": parse_behaviours,
    "query": parse_behaviours,
    "continuation": parse_behaviours,
    "page_size": _page_size,
    "clock_offset": _offset,
    "outage": lambda value: None if value is None else Outage.parse(value),
    "outages": lambda value: tuple(DailyOutage.parse(each) for each in value),
    "certificate_by_http": _flag,
    "revoked": _fingerprints,
    "uncredentialed": _fingerprints,
    "faults": _faults,
}
