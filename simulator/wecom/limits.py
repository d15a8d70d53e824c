"""Rate limits: sliding windows on machine time."""

from __future__ import annotations

from collections import deque

from simulator.clock import Clock
from simulator.wecom.errors import ApiError

Windows = tuple[tuple[int, float], ...]

PER_API: Windows = ((10_000, 60.0), (150_000, 3600.0))
PER_MEMBER: Windows = ((30, 60.0), (1000, 3600.0))
PER_GROUP_MEMBER: Windows = ((200, 60.0), (10_000, 86400.0))
PER_WEBHOOK: Windows = ((20, 60.0),)
PER_CONVERSATION: Windows = ((30, 60.0), (1000, 3600.0))
PER_BOT_UPLOAD: Windows = ((30, 60.0), (1000, 3600.0))
PER_GROUP: Windows = ((20_000, 60.0),)
CHAT_CREATE: Windows = ((1000, 86400.0),)
CHAT_UPDATE: Windows = ((1000, 3600.0),)
SEND_MULTIPLE, SEND_DAY = 200, 86400.0
SWEEP_SIZE = 5000
LONGEST = 86400.0


class Limits:
    """Counts per key. A refused call does not count; a message to many counts once per person."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: dict[str, deque[float]] = {}

    def allows(self, key: str, windows: Windows, times: int = 1) -> bool:
        """Count `times` and answer True, or leave the count alone and answer False."""
        now, hits = self._clock.machine(), self._of(key, windows)
        for limit, seconds in windows:
            if times > limit:
                return False
            oldest = len(hits) + times - limit
            if oldest > 0 and now - hits[oldest - 1] < seconds:
                return False
        hits.extend([now] * times)
        return True

    def spend(self, key: str, windows: Windows, times: int = 1) -> None:
        """Count `times`, or refuse with 45009."""
        if not self.allows(key, windows, times):
            raise ApiError(45009)

    def clear(self) -> None:
        """Forget all counts."""
        self._hits.clear()

    def _of(self, key: str, windows: Windows) -> deque[float]:
        hits = self._hits.get(key)
        if hits is None:
            if len(self._hits) > SWEEP_SIZE:
                now = self._clock.machine()
                self._hits = {name: old for name, old in self._hits.items() if old and now - old[-1] < LONGEST}
            hits = self._hits[key] = deque(maxlen=max(limit for limit, _ in windows))
        return hits
