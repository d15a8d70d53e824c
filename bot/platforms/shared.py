"""Rate limits that replicas share through Redis; without Redis, or while it is away, each process keeps its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.platforms.base import RetryLater
from bot.platforms.pace import LONGEST_WAIT, Calls, Limits, Pace

CALL_SECONDS = 2

_PASS = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local wait, at = 0, 2
local longest = {}
for k = 1, #KEYS do
  longest[k] = 0
  local windows = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, windows do
    local count, span = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    at = at + 2
    longest[k] = math.max(longest[k], span)
    local oldest = redis.call('ZREVRANGE', KEYS[k], count - 1, count - 1, 'WITHSCORES')
    if oldest[2] then wait = math.max(wait, tonumber(oldest[2]) + span - now) end
  end
end
if wait > 0 then return wait end
for k = 1, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[k], '-inf', now - longest[k])
  redis.call('ZADD', KEYS[k], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[k], longest[k])
end
return 0
"""
"""All windows of one call at once: the milliseconds to wait, or 0 and the call is counted in each of them."""

log = structlog.get_logger()


class SharedPace(Pace):
    """The same limits for all replicas of one platform. Redis is no truth: when it fails, the process paces alone."""

    def __init__(self, platform: str, url: str, limits: Limits, machine: Callable[[], float]) -> None:
        super().__init__(limits, machine)
        self._platform = platform
        self._redis = Redis.from_url(url, socket_timeout=CALL_SECONDS, socket_connect_timeout=CALL_SECONDS)
        self._pass = self._redis.register_script(_PASS)

    async def stop(self) -> None:
        """Close the connection."""
        await self._redis.aclose()

    async def _begin(self, about: Sequence[tuple[str, str]]) -> list[Calls]:
        """Counted in Redis at its start; each window there ends its span later."""
        if not about:
            return []
        keys = [f"dealdesk:pace:{self._platform}:{kind}:{key}" for kind, key in about]
        numbers: list[str | int] = [secrets.token_hex(8)]
        for kind, _ in about:
            numbers.append(len(self._limits[kind]))
            numbers += [n for count, span in self._limits[kind] for n in (count, int(span * 1000))]
        widest = self._of(*about[-1])
        try:
            async with self._of(*about[0]).lock:
                while left := widest.held(self._machine()) or int(await self._pass(keys=keys, args=numbers)) / 1000:
                    if left > LONGEST_WAIT:
                        raise RetryLater(f"pace: {about[0][0]} is full", after=left)
                    await self._sleep(left)
        except RedisError as error:
            log.warning("shared_pace_lost", error=type(error).__name__)
            return await super()._begin(about)
        return []
