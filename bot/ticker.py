"""Due timers become inbox rows, held messages become due, and the process's fixed ticks. R-TIME-4, R-TIME-5."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock, MovableClock
from bot.housekeeping import Housekeeping
from bot.quota import Quota
from bot.wakeup import Wakeup
from bot.writer import Writer
from storage import inbox, outbox, timers
from storage.config import Policies
from storage.engine import Store

TICK_SECONDS = 1
SEAL_SECONDS = 2
QUOTA_SECONDS = 5
FORGET_SECONDS = 6 * 3600
DRAIN_SECONDS = 60
DRAIN_POLL_SECONDS = 0.01

log = structlog.get_logger()


class Ticker:
    """Claims what is due; any replica may. Business time decides what is due, machine time when we look."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        wakeup: Wakeup,
        clock: Clock,
        housekeeping: Housekeeping,
        policies: Policies | None = None,
        quota: Quota | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._wakeup = wakeup
        self._clock = clock
        self._housekeeping = housekeeping
        self._policies = policies or Policies()
        self._quota = quota or Quota({})
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._moving = asyncio.Lock()
        self._busy: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Start the fixed ticks; a slow one is never run twice at once."""
        chores: tuple[tuple[Callable[[], Awaitable[Any]], int], ...] = (
            (self.tick, TICK_SECONDS),
            (self._housekeeping.seal, SEAL_SECONDS),
            (self._keep_quota, QUOTA_SECONDS),
            (self._housekeeping.forget, FORGET_SECONDS),
        )
        for chore, seconds in chores:
            self._scheduler.add_job(self._quietly(chore), "interval", seconds=seconds, max_instances=1, coalesce=True)
        self._scheduler.start()

    async def stop(self) -> None:
        """No more ticks, and the last entries sealed."""
        self._scheduler.pause()
        if self._busy:
            await asyncio.wait(self._busy, timeout=5)
        self._scheduler.shutdown(wait=False)
        await self.seal()
        await self._keep_quota()

    async def seal(self) -> None:
        """Chain and sign what is new in the audit log now. R-AUD."""
        await self._housekeeping.seal()

    async def _keep_quota(self) -> None:
        await self._quota.keep(self._store, self._writer, self._wakeup, self._clock, self._policies)

    async def tick(self) -> None:
        """Fire timers whose settling time is over and no earlier event still waits; release held messages."""
        if self._moving.locked():
            return
        now = self._clock.business_us()
        settle, waiting = await asyncio.to_thread(self._settling)
        until = now - settle
        if waiting is not None:
            until = min(until, waiting - settle - 1)
        await self._fire(until=until, now=now)

    async def _fire(self, *, until: int, now: int) -> None:
        while True:
            fired = await self._writer.run(lambda conn: timers.fire(conn, self._store, due_until=until, now=now))
            if fired:
                self._wakeup.wake("inbox")
            if fired < timers.BATCH:
                break
        if await self._writer.run(lambda conn: outbox.release_held(conn, self._store, now=now)):
            self._wakeup.wake("outbox")

    async def step(self, target_us: int) -> bool:
        """Move business time to the next due instant, or to the target when nothing is due before; True at the
        target. The inbox is drained before and after, so one jump tells the story of its hours. R-TIME-4."""
        clock = self._clock
        assert isinstance(clock, MovableClock)
        async with self._moving:
            await self._drained()
            due = await asyncio.to_thread(self.next_due)
            instant = min(due[0], target_us) if due else target_us
            clock.move_to(instant)
            if due and due[0] <= target_us:
                await self._fire(until=due[0], now=max(due[0], 0))
                await self._drained()
                return False
            return True

    def next_due(self) -> tuple[int, str, str] | None:
        """The next instant at which something happens by itself: microseconds, timer name, subject."""
        with self._store.snapshot() as conn:
            timer, held = timers.next_due(conn), outbox.next_held(conn)
        if held is not None and (timer is None or held < timer[0]):
            return held, "held", ""
        return timer

    def _quietly(self, chore: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        """The chore as a tick: a failure is logged and the next tick tries again."""

        async def run() -> None:
            task = asyncio.current_task()
            assert task
            self._busy.add(task)
            try:
                await chore()
            except Exception as error:
                log.error("tick_failed", error=repr(error))
            finally:
                self._busy.discard(task)

        return run

    async def _drained(self) -> None:
        """Returns when no row waits to be handled and nothing is being sent, or after a minute of trying."""
        end = self._clock.machine() + DRAIN_SECONDS
        while self._clock.machine() < end:
            if await asyncio.to_thread(self._is_drained):
                return
            await asyncio.sleep(DRAIN_POLL_SECONDS)
        log.warning("drain_gave_up")

    def _is_drained(self) -> bool:
        with self._store.snapshot() as conn:
            return inbox.count_waiting(conn) == 0 and outbox.count_open(conn) == 0

    def _settling(self) -> tuple[int, int | None]:
        """How long a timer settles, and since when the oldest event waits."""
        with self._store.snapshot() as conn:
            return _us(self._policies(conn).settle), inbox.waiting_since(conn)


def _us(span: Any) -> int:
    return int(span.total_seconds() * 1_000_000)
