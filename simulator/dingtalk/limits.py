"""Per-second limits, the blocked custom robot, and the month's quota of the whole organisation."""

from __future__ import annotations

from collections import deque

from simulator.clock import Clock

PER_SECOND = 20
MONTHLY_CALLS = 5000
MONTHLY_MESSAGES = 3000
ROBOT_PER_MINUTE = 20
ROBOT_BLOCK_SECONDS = 600.0


class Limits:
    """Rates follow machine time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: dict[str, deque[float]] = {}
        self._blocked: dict[str, float] = {}

    def second(self, key: str) -> bool:
        """Count one call; False when 20 were counted within the last second."""
        return self._spend(key, PER_SECOND, 1.0)

    def robot(self, token: str) -> bool:
        """Count one message of a custom robot; the 21st within a minute blocks it for ten."""
        now = self._clock.machine()
        if now < self._blocked.get(token, 0.0):
            return False
        if self._spend(f"robot:{token}", ROBOT_PER_MINUTE, 60.0):
            return True
        self._blocked[token] = now + ROBOT_BLOCK_SECONDS
        return False

    def clear(self) -> None:
        """Forget all counts and blocks."""
        self._hits.clear()
        self._blocked.clear()

    def _spend(self, key: str, limit: int, seconds: float) -> bool:
        now = self._clock.machine()
        hits = self._hits.setdefault(key, deque(maxlen=limit))
        if len(hits) == limit and now - hits[0] < seconds:
            return False
        hits.append(now)
        return True


class Quota:
    """What the organisation used up in this calendar month of business time."""

    def __init__(self, clock: Clock, calls: int = MONTHLY_CALLS, messages: int = MONTHLY_MESSAGES) -> None:
        self._clock = clock
        self._month = ""
        self.max_calls = calls
        self.max_messages = messages
        self.calls = 0
        self.messages = 0

    def call(self) -> bool:
        """Count one metered API call; False when the month is used up."""
        self._turn()
        if self.calls >= self.max_calls:
            return False
        self.calls += 1
        return True

    def message(self) -> bool:
        """Count one webhook or Stream message; False when the month is used up."""
        self._turn()
        if self.messages >= self.max_messages:
            return False
        self.messages += 1
        return True

    def view(self) -> dict[str, int]:
        """The counters beside their limits."""
        self._turn()
        return {
            "calls": self.calls,
            "max_calls": self.max_calls,
            "messages": self.messages,
            "max_messages": self.max_messages,
        }

    def clear(self) -> None:
        """Nothing is used up."""
        self.calls = self.messages = 0

    def _turn(self) -> None:
        month = self._clock.now().strftime("%Y-%m")
        if month != self._month:
            self._month = month
            self.clear()
