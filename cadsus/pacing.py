"""The agreed rate of one DATASUS environment, kept by all workers together: a schedule of turns in Redis."""

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

AHEAD = 0.25  # seconds; how far a queue's worker takes turns in advance, and what somebody at a screen waits for it


@dataclass(frozen=True)
class Pace:
    """``rate`` turns a second for whoever shares ``name`` and the server; 0 = no limit."""

    name: str
    rate: float
    server: Redis

    def take_turn(self, *, longest: float) -> float:
        """Seconds until our turn, which is then taken; more than ``longest`` means that it was not."""
        return self._take(1, longest)[1]

    def take_turns(self, most: int) -> int:
        """How many of the next turns are ours now: no more than fall due within AHEAD seconds."""
        return self._take(most, AHEAD)[0]

    def _take(self, most: int, longest: float) -> tuple[int, float]:
        if not self.rate:
            return most, 0.0
        interval = math.ceil(1_000_000 / self.rate)
        arguments = [interval, int(longest * 1_000_000), most]
        turns, wait = self._script(keys=[f"cadsus:pace:{self.name}"], args=arguments)
        return int(turns), int(wait) / 1_000_000

    @cached_property
    def _script(self) -> Script:
        return self.server.register_script(_TAKE_TURNS)
