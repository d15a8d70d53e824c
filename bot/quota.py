"""Calls against the platforms' monthly quotas: counted in memory, kept in the database every few seconds. R-QUOTA."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import orjson

from bot.clock import Clock
from bot.wakeup import Wakeup
from bot.writer import Writer
from sales.calendar import day_of
from sales.quota import step_of
from storage import inbox, quota
from storage.config import Policies
from storage.engine import Connection, Store
from storage.inbox import Inbound

LANE = "in:quota"


class Quota:
    """What was called since it was last kept, and how short each platform's month is.

    `allowed` is what a month holds, by platform and kind of call; a platform without an entry is never short.
    """

    def __init__(self, allowed: Mapping[str, Mapping[str, int]]) -> None:
        self._allowed = allowed
        self._calls: Counter[tuple[str, str]] = Counter()
        self._steps: dict[str, int] = {}
        self._lock = threading.Lock()

    def meter(self, platform: str) -> Meter:
        """The meter handed to one platform."""
        return Meter(self, platform)

    def add(self, platform: str, what: str, calls: int) -> None:
        """So many more calls."""
        with self._lock:
            self._calls[platform, what] += calls

    def step(self, platform: str) -> int:
        """How many steps of R-QUOTA the platform's month has passed, as of the last keeping."""
        return self._steps.get(platform, 0)

    async def keep(self, store: Store, writer: Writer, wakeup: Wakeup, clock: Clock, policies: Policies) -> None:
        """Write down what was counted and look how short each month is; a new step is told to the admins once."""
        if not self._allowed:
            return
        taken = self._take()
        now = clock.business_us()

        def write(conn: Connection) -> tuple[dict[str, int], bool]:
            month = day_of(clock.business(), policies(conn)).isoformat()[:7]
            quota.add(conn, month, taken)
            used = quota.used(conn, month)
            steps = {name: step_of(used.get(name, {}), allowed) for name, allowed in self._allowed.items()}
            told = [_order(name, step, month, now) for name, step in steps.items() if step > self.step(name)]
            if told:
                inbox.receive(conn, store, told)
            return steps, bool(told)

        try:
            self._steps, told = await writer.run(write)
        except Exception:
            self._give_back(taken)
            raise
        if told:
            wakeup.wake("inbox")

    def _take(self) -> dict[tuple[str, str], int]:
        with self._lock:
            taken, self._calls = dict(self._calls), Counter()
        return taken

    def _give_back(self, taken: Mapping[tuple[str, str], int]) -> None:
        with self._lock:
            self._calls.update(taken)


class Meter:
    """Counts one platform's calls."""

    def __init__(self, whole: Quota, platform: str) -> None:
        self._whole = whole
        self._platform = platform

    def count(self, what: str, calls: int = 1) -> None:
        """So many more calls of this kind were made."""
        self._whole.add(self._platform, what, calls)


def _order(platform: str, step: int, month: str, now: int) -> Inbound:
    """The same step of the same month is one event, whoever notices it."""
    payload = {"name": "quota_step", "args": {"platform": platform, "step": step}}
    return Inbound(f"quota:{platform}:{month}:{step}", LANE, "order", "", "", "", orjson.dumps(payload), now, now, 0)
