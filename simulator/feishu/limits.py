"""Rate limits: sliding windows on machine time."""

from __future__ import annotations

import math
from collections import deque

from simulator.clock import Clock
from simulator.feishu.errors import ApiError

PER_API = ((50, 1.0), (1000, 60.0))
PER_TARGET = ((5, 1.0),)
PER_GROUP_EPHEMERAL = ((40, 1.0),)
SWEEP_SIZE = 2000

Windows = tuple[tuple[int, float], ...]


class Limits:
    """Counts accepted calls per key; a refused call does not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: dict[str, deque[float]] = {}

    def spend(self, key: str, windows: Windows) -> None:
        """Count one call, or refuse it with HTTP 429 and the seconds to wait."""
        now = self._clock.machine()
        hits = self._hits.get(key)
        if hits is None:
            self._sweep(now)
            hits = self._hits[key] = deque(maxlen=max(limit for limit, _ in windows))
        for limit, seconds in windows:
            if len(hits) >= limit and now - hits[-limit] < seconds:
                wait = math.ceil(seconds - (now - hits[-limit]))
                raise too_many(limit, max(1, wait))
        hits.append(now)

    def clear(self) -> None:
        """Forget all counts."""
        self._hits.clear()

    def _sweep(self, now: float) -> None:
        if len(self._hits) > SWEEP_SIZE:
            self._hits = {key: hits for key, hits in self._hits.items() if hits and now - hits[-1] < 60}


def too_many(limit: int, wait_seconds: int) -> ApiError:
    """The vendor's answer to a call above the limit."""
    headers = {"x-ogw-ratelimit-limit": str(limit), "x-ogw-ratelimit-reset": str(wait_seconds)}
    return ApiError(99991400, http=429, headers=headers)
