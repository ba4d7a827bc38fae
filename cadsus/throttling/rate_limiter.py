"""The rate limiter of one DATASUS environment, shared by all workers: a schedule of turns in Redis."""

import math
from dataclasses import dataclass
from functools import cached_property

from redis import Redis
from redis.commands.core import Script

_TAKE_TURNS = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local interval, longest, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait = turn - now
if wait > longest then return {0, wait} end
local turns = math.min(most, math.floor((longest - wait) / interval) + 1)
local free = turn + turns * interval
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000) + 1000)
return {turns, wait}
"""
"""Microseconds. The server's clock is the only one that all workers share; a turn too far ahead is not taken."""

_AT_WORK = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""

_OTHERS = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZCARD', KEYS[1]) - (redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0)
"""

SHARE_TTL_SECONDS = 60  # seconds after which somebody who is not heard of any more shares the pace no longer
MAX_AHEAD_SECONDS = 0.25  # how far a queue's worker takes turns in advance, and what somebody at a screen waits for it


@dataclass(frozen=True)
class SharedRateLimiter:
    """``rate`` turns a second for whoever shares ``name`` and the server; 0 = no limit."""

    name: str
    rate: float
    server: Redis

    def acquire(self, *, longest: float) -> float:
        """Seconds until our turn, which is then taken; more than ``longest`` means that it was not."""
        return self._acquire_turns(1, longest)[1]

    def acquire_turns(self, most: int) -> int:
        """How many of the next turns are ours now: no more than fall due within AHEAD seconds."""
        return self._acquire_turns(most, MAX_AHEAD_SECONDS)[0]

    def at_work(self, who: int) -> None:
        """Whose queue is worked on now; to be said again while it is."""
        self._script(_AT_WORK)(keys=[f"{self._key}:at-work"], args=[who, SHARE_TTL_SECONDS])

    def others_at_work(self, who: int) -> int:
        """How many besides share the turns now."""
        return int(self._script(_OTHERS)(keys=[f"{self._key}:at-work"], args=[who, SHARE_TTL_SECONDS]))

    def _acquire_turns(self, most: int, longest: float) -> tuple[int, float]:
        if not self.rate:
            return most, 0.0
        interval = math.ceil(1_000_000 / self.rate)
        arguments = [interval, int(longest * 1_000_000), most]
        turns, wait = self._script(_TAKE_TURNS)(keys=[self._key], args=arguments)
        return int(turns), int(wait) / 1_000_000

    @property
    def _key(self) -> str:
        return f"cadsus:pace:{self.name}"

    def _script(self, text: str) -> Script:
        return self._scripts.setdefault(text, self.server.register_script(text))

    @cached_property
    def _scripts(self) -> dict[str, Script]:
        return {}
