"""Keeps calls below the vendor's rate limits, in this process (docs/platforms/feishu.md 7)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

PER_KEY = ((4, 1.0),)
"""The vendor allows 5 a second to one person, group or message."""
PER_APP = ((45, 1.0), (950, 60.0))
"""The vendor allows 50 a second and 1000 a minute."""

_KEPT_KEYS = 2000

Limits = tuple[tuple[int, float], ...]


class Window:
    """At most so many passes in any span of so many seconds; `lock` keeps those who wait in order."""

    def __init__(self, limits: Limits) -> None:
        self.lock = asyncio.Lock()
        self._limits = limits
        self._passed: deque[float] = deque(maxlen=max(count for count, _ in limits))

    def wait(self, now: float) -> float:
        """Seconds until the next pass is allowed."""
        waits = (self._passed[-count] + span - now for count, span in self._limits if len(self._passed) >= count)
        return max(0.0, *waits, 0.0)

    def record(self, now: float) -> None:
        """One passed."""
        self._passed.append(now)

    def idle(self, now: float) -> bool:
        """True when nothing that passed still counts."""
        return not self.lock.locked() and (not self._passed or now - self._passed[-1] > self._limits[-1][1])


class Pace:
    """Lets calls through, first the one about a chat or message, then the whole app's. Times are machine time."""

    def __init__(
        self, machine: Callable[[], float], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._machine = machine
        self._sleep = sleep
        self._app = Window(PER_APP)
        self._keys: dict[str, Window] = {}

    async def wait(self, key: str = "") -> None:
        """Returns when a call about `key` may be made."""
        if not key:
            await self._through_app()
            return
        window = self._window(key)
        async with window.lock:
            await self._rest(window)
            await self._through_app()
            window.record(self._machine())

    async def _through_app(self) -> None:
        async with self._app.lock:
            await self._rest(self._app)
            self._app.record(self._machine())

    async def _rest(self, window: Window) -> None:
        while (left := window.wait(self._machine())) > 0:
            await self._sleep(left)

    def _window(self, key: str) -> Window:
        if len(self._keys) > _KEPT_KEYS:
            now = self._machine()
            self._keys = {name: window for name, window in self._keys.items() if not window.idle(now)}
        return self._keys.setdefault(key, Window(PER_KEY))
