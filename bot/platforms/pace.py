"""Keeps calls below a vendor's rate limits. The limits are data of each platform; the windows are machine time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from bot.platforms.base import RetryLater

LONGEST_WAIT = 3.0
"""Who would wait longer comes back later instead: a send holds its lane's lease while it waits."""

_KEPT_WINDOWS = 2000

Window = tuple[tuple[int, float], ...]
"""So many calls in so many seconds, for each of several spans."""
Limits = Mapping[str, Window]
"""The windows by what they count: `app`, `chat`, `member` ..."""


class Calls:
    """The calls that passed one window; `lock` keeps those who wait in order."""

    def __init__(self, window: Window) -> None:
        self.lock = asyncio.Lock()
        self._window = window
        self._passed: deque[float] = deque(maxlen=max(count for count, _ in window))

    def wait(self, now: float) -> float:
        """Seconds until the next call is allowed."""
        waits = (self._passed[-count] + span - now for count, span in self._window if len(self._passed) >= count)
        return max(0.0, *waits, 0.0)

    def record(self, now: float) -> None:
        """One passed."""
        self._passed.append(now)

    def idle(self, now: float) -> bool:
        """True when nothing that passed still counts."""
        longest = max(span for _, span in self._window)
        return not self.lock.locked() and (not self._passed or now - self._passed[-1] > longest)


class Pace:
    """Lets calls through: first what is narrow (a chat, a member), then what is wide (the app)."""

    def __init__(
        self,
        limits: Limits,
        machine: Callable[[], float],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._machine = machine
        self._sleep = sleep
        self._calls: dict[tuple[str, str], Calls] = {}

    async def stop(self) -> None:
        """Nothing to close in one process."""

    async def wait(self, *about: tuple[str, str]) -> None:
        """Returns when a call about these may be made, e.g. `("chat", "oc_1"), ("app", "")`, narrow ones first.

        Raises RetryLater when that would take more than three seconds; nothing is counted then.
        """
        if not about:
            return
        (kind, key), *wider = about
        calls = self._of(kind, key)
        async with calls.lock:
            if (left := calls.wait(self._machine())) > LONGEST_WAIT:
                raise RetryLater(f"pace: {kind} is full", after=left, whole_app=kind == "app")
            while left > 0:
                await self._sleep(left)
                left = calls.wait(self._machine())
            await self.wait(*wider)
            calls.record(self._machine())

    def _of(self, kind: str, key: str) -> Calls:
        if len(self._calls) > _KEPT_WINDOWS:
            now = self._machine()
            self._calls = {name: calls for name, calls in self._calls.items() if not calls.idle(now)}
        return self._calls.setdefault((kind, key), Calls(self._limits[kind]))
