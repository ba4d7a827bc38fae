"""What can be changed while the simulator runs, and how a message of the control port changes it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cadsus.simulator.behaviours import Behaviour, Behaviours, Manner, parse_manners
from cadsus.simulator.tokens import LIFETIME


@dataclass(frozen=True, slots=True)
class Outage:
    """Both listeners misbehave between two moments of the monotonic clock."""

    begins: float
    ends: float
    behaviours: Behaviours

    def now(self) -> Behaviours:
        return self.behaviours if self.begins <= time.monotonic() < self.ends else frozenset()


@dataclass(frozen=True, slots=True)
class Switches:
    latency_ms: int = 0
    token_lifetime: int = LIFETIME  # seconds
    expires_in: int | None = None  # milliseconds said by the token answer; None: those of token_lifetime
    token: Behaviours = frozenset()
    query: Behaviours = frozenset()
    outage: Outage | None = None
    certificate_by_http: bool = False
    """Who comes to the token endpoint without a certificate gets 401 instead of a failed handshake."""
    revoked: frozenset[str] = frozenset()  # fingerprints
    uncredentialed: frozenset[str] = frozenset()  # fingerprints
    faults: Mapping[str, frozenset[Manner]] = field(default_factory=dict)
    """Manners by CPF, CNS, NIS or key of the person, besides those of the people file."""

    @property
    def outage_now(self) -> Behaviours:
        return self.outage.now() if self.outage else frozenset()


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


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _behaviours(value: Any) -> Behaviours:
    return frozenset(Behaviour(word) for word in value.split())


def _outage(value: Any) -> Outage | None:
    """``{"seconds": 60, "in_seconds": 0, "behaviour": "html_503"}``; null ends it."""
    if value is None:
        return None
    begins = time.monotonic() + float(value.get("in_seconds", 0))
    return Outage(begins, begins + float(value["seconds"]), _behaviours(value.get("behaviour", "html_503")))


def _fingerprints(value: Any) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(fingerprint.lower() for fingerprint in value)


def _faults(value: Any) -> Mapping[str, frozenset[Manner]]:
    return {str(key): parse_manners(names) for key, names in value.items()}


_READERS: dict[str, Callable[[Any], Any]] = {
    "latency_ms": _whole_number,
    "token_lifetime": _whole_number,
    "expires_in": lambda value: None if value is None else _whole_number(value),
    "token": _behaviours,
    "query": _behaviours,
    "outage": _outage,
    "certificate_by_http": _flag,
    "revoked": _fingerprints,
    "uncredentialed": _fingerprints,
    "faults": _faults,
}
