"""The agreed rate of one DATASUS environment, kept by all workers together: a schedule of turns in Redis."""

import math
from dataclasses import dataclass
from functools import cached_property

from redis import Redis
from redis.commands.core import Script

_TAKE_TURN = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local wait = turn - now
if wait <= tonumber(ARGV[2]) then
    local free = turn + ARGV[1]
    redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000) + 1000)
end
return wait
"""
"""Microseconds. The server's clock is the only one that all workers share; a turn too far ahead is not taken."""


@dataclass(frozen=True)
class Pace:
    """``rate`` turns a second for whoever shares ``name`` and the server; 0 = no limit."""

    name: str
    rate: float
    server: Redis

    def take_turn(self, *, longest: float) -> float:
        """Seconds until our turn, which is then taken; more than ``longest`` means that it was not."""
        if not self.rate:
            return 0.0
        interval = math.ceil(1_000_000 / self.rate)
        wait = self._script(keys=[f"cadsus:pace:{self.name}"], args=[interval, int(longest * 1_000_000)])
        return int(wait) / 1_000_000

    @cached_property
    def _script(self) -> Script:
        return self.server.register_script(_TAKE_TURN)
