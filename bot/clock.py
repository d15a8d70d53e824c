"""The two clocks, and the only readers of the system clock. R-TIME-4."""

from __future__ import annotations

import time
from datetime import datetime

from storage.types import from_us


class Clock:
    """Business time as the system says it, and monotonic machine time."""

    movable = False

    def business_us(self) -> int:
        """Business instant in UTC microseconds."""
        return time.time_ns() // 1000

    def business(self) -> datetime:
        """Business instant as an aware UTC datetime."""
        return from_us(self.business_us())

    def machine(self) -> float:
        """Monotonic seconds: leases, timeouts, pacing. Never moved."""
        return time.monotonic()


class MovableClock(Clock):
    """Business time that can be moved, forward only. Built only by `demo` and by tests."""

    movable = True

    def __init__(self, start_us: int | None = None) -> None:
        now = time.time_ns() // 1000
        self._offset = 0 if start_us is None else start_us - now

    def business_us(self) -> int:
        """The system's time plus what it was moved by."""
        return time.time_ns() // 1000 + self._offset

    def move_to(self, instant_us: int) -> None:
        """Business time is at least this instant from now on."""
        self._offset = max(self._offset, instant_us - time.time_ns() // 1000)
