"""The simulator's two clocks, and its only readers of the system clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


class Clock:
    """Business time runs with the system clock plus a movable offset; machine time never moves.

    Life of messages, cards and retries follows business time; rate windows, access tokens and
    the memory for repeated requests follow machine time.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0)
        self._moved = asyncio.Event()
        if start is not None:
            self._offset = start - datetime.now(UTC)

    def now(self) -> datetime:
        """Business time, in the company's zone."""
        return (datetime.now(UTC) + self._offset).astimezone(SHANGHAI)

    def now_ms(self) -> int:
        """Business time in milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    def iso(self) -> str:
        """Business time as the control API prints it."""
        return self.now().isoformat(timespec="milliseconds")

    def machine(self) -> float:
        """Seconds that only ever grow and that nobody can move."""
        return time.monotonic()

    def move_to(self, instant: datetime) -> None:
        """Business time continues from `instant`; everyone who waits for an instant looks again."""
        self._offset += instant - self.now()
        self._moved.set()
        self._moved = asyncio.Event()

    def poke(self) -> None:
        """Make everyone who waits for an instant look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_until(self, due: datetime | None) -> None:
        """Return when `due` has come or the clock was moved, whichever is first."""
        moved = self._moved
        seconds = None if due is None else max(0.0, (due - self.now()).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            return
