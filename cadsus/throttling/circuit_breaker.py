"""A circuit breaker that all workers share: it opens after failures in a row, lets one probe through, and closes.

The state lies in Redis under the server's clock. Losing it means a closed breaker, which a dead DATASUS opens again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from redis import Redis
from redis.commands.core import Script

_TTL_MILLISECONDS = 7 * 86_400_000
_NOW = "local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)\n"

_PERMITS = (
    _NOW
    + """
local probes_at = tonumber(redis.call('HGET', KEYS[1], 'probes_at'))
if not probes_at then return 1 end
if now < probes_at then return 0 end
redis.call('HSET', KEYS[1], 'probing', 1, 'probes_at', now + ARGV[1])
return 1
"""
)
"""Open: one caller in each period is let through; should it never come back, the next period has another."""

_FAILED = (
    _NOW
    + """
local probes_at = redis.call('HGET', KEYS[1], 'probes_at')
if probes_at and redis.call('HGET', KEYS[1], 'probing') ~= '1' then return end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if failures < tonumber(ARGV[2]) then return end
local pause = tonumber(redis.call('HGET', KEYS[1], 'pause'))
pause = pause and math.min(pause * 2, tonumber(ARGV[4])) or tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'pause', pause, 'probes_at', now + pause, 'probing', 0)
redis.call('HSETNX', KEYS[1], 'opened_at', now)
"""
)
"""Open, only the probe's failure counts: what was under way when it opened proves nothing new."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    failures: int  # in a row
    opened_at: datetime | None
    probes_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


@dataclass(frozen=True)
class CircuitBreaker:
    """``threshold`` failures in a row open it for ``first_pause`` seconds, then twice as long each time."""

    name: str
    server: Redis
    threshold: int
    first_pause: float
    longest_pause: float

    def allow_request(self) -> bool:
        """Whether a question may go; a True on an open breaker is the probe, whose outcome must be reported."""
        return bool(self._script(_PERMITS)(keys=[self._key], args=[_milliseconds(self.first_pause)]))

    def failed(self, times: int = 1) -> None:
        pauses = _milliseconds(self.first_pause), _milliseconds(self.longest_pause)
        self._script(_FAILED)(keys=[self._key], args=[times, self.threshold, *pauses, _TTL_MILLISECONDS])

    def succeeded(self) -> None:
        self.server.delete(self._key)

    def state(self) -> BreakerState:
        found = {key.decode(): int(value) for key, value in self.server.hgetall(self._key).items()}  # type: ignore[union-attr]
        return BreakerState(
            found.get("failures", 0),
            _from_milliseconds(found.get("opened_at")),
            _from_milliseconds(found.get("probes_at")),
        )

    @property
    def _key(self) -> str:
        return f"cadsus:breaker:{self.name}"

    def _script(self, text: str) -> Script:
        return self._scripts.setdefault(text, self.server.register_script(text))

    @cached_property
    def _scripts(self) -> dict[str, Script]:
        return {}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _from_milliseconds(milliseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
