"""Keeps calls below a vendor's rate limits. The limits are data of each platform; the windows are machine time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from bot.platforms.base import RetryLater

LONGEST_WAIT = 3.0
"""Who would wait longer comes back later instead: a send holds its lane's lease while it waits."""

_KEPT_WINDOWS = 2000

Window = tuple[tuple[int, float], ...]
"""So many calls in so many seconds, for each of several spans."""
Limits = Mapping[str, Window]
"""The windows by what they count: `app`, `chat`, `member` ..."""


class Calls:
    """The calls of one window. A call counts from its start until its span has passed after its end, because the
    vendor counts it somewhere in between. `lock` keeps those who wait in order."""

    def __init__(self, window: Window) -> None:
        self.lock = asyncio.Lock()
        self.one_ended = asyncio.Event()
        self._window = window
        self._open = 0
        self._ended: deque[float] = deque(maxlen=max(count for count, _ in window))
        self._held_until = 0.0

    def wait(self, now: float) -> float | None:
        """Seconds until the next call is allowed; None while that depends on one of those under way."""
        left = max(0.0, self._held_until - now)
        for count, span in self._window:
            free = count - self._open
            if free <= 0:
                return None
            if len(self._ended) >= free:
                left = max(left, self._ended[-free] + span - now)
        return left

    def begin(self) -> None:
        """One is under way."""
        self._open += 1

    def end(self, now: float) -> None:
        """One was answered, or failed."""
        self._open -= 1
        self._ended.append(now)
        self.one_ended.set()

    def hold(self, until: float) -> None:
        """The vendor refused: nobody passes before this instant."""
        self._held_until = max(self._held_until, until)

    def held(self, now: float) -> float:
        """Seconds for which the vendor wants no call."""
        return max(0.0, self._held_until - now)

    def idle(self, now: float) -> bool:
        """True when nothing that passed still counts."""
        longest = max(span for _, span in self._window)
        over = not self._ended or now - self._ended[-1] > longest
        return over and not self._open and not self.lock.locked() and now > self._held_until


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

    @contextlib.asynccontextmanager
    async def passing(self, *about: tuple[str, str]) -> AsyncIterator[None]:
        """A call about these, e.g. `("chat", "oc_1"), ("app", "")`, narrow ones first; it is made inside the block.

        Raises RetryLater when it would have to wait for more than three seconds; nothing is counted then. A call that
        the vendor refuses for the whole app holds back all others for as long as it says.
        """
        begun = await self._begin(about)
        try:
            yield
        except RetryLater as refused:
            if refused.whole_app and about:
                self._of(*about[-1]).hold(self._machine() + refused.after)
            raise
        finally:
            for calls in begun:
                calls.end(self._machine())

    async def wait(self, *about: tuple[str, str]) -> None:
        """The same for a call whose end nobody sees."""
        async with self.passing(*about):
            pass

    async def _begin(self, about: Sequence[tuple[str, str]]) -> list[Calls]:
        if not about:
            return []
        (kind, key), *wider = about
        calls = self._of(kind, key)
        async with calls.lock:
            await self._free(calls, kind)
            begun = await self._begin(wider)
            calls.begin()
        return [calls, *begun]

    async def _free(self, calls: Calls, kind: str) -> None:
        while (left := calls.wait(self._machine())) != 0:
            if left is None:
                calls.one_ended.clear()
                await calls.one_ended.wait()
                continue
            if left > LONGEST_WAIT:
                raise RetryLater(f"pace: {kind} is full", after=left, whole_app=kind == "app")
            await self._sleep(left)

    def _of(self, kind: str, key: str) -> Calls:
        if len(self._calls) > _KEPT_WINDOWS:
            now = self._machine()
            self._calls = {name: calls for name, calls in self._calls.items() if not calls.idle(now)}
        return self._calls.setdefault((kind, key), Calls(self._limits[kind]))
