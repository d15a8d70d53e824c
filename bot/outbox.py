# Long because: a row's way from claim to receipt is one state machine.
"""Work the outbox: claim a lane, draw its message now, send it once, record the receipt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from bot import metrics, redraw
from bot.audience import elsewhere, fan_out
from bot.clock import Clock
from bot.drawing import Drawer, fate_is_open
from bot.jobs import JobRunner
from bot.pictures import Pictures
from bot.platforms.base import Address, Gone, NotAllowed, Platform, PlatformError, RetryLater, Sent
from bot.quota import Quota
from bot.reach import bind_by_mobile
from bot.steps import reached
from bot.wakeup import POLL_SECONDS, Wakeup
from bot.writer import Writer
from sales.decision import Urgency
from sales.people import Member
from sales.quota import cuts_message
from storage import inbox, lanes, live_cards, outbox
from storage.apply import Arrived, arrive, plan_notices
from storage.engine import Connection, OperationalError, Store
from storage.lanes import LeaseLost
from storage.live_cards import Live
from storage.outbox import DEAD, SUPERSEDED, Due, Row

SENDS_AT_ONCE = 32
"""To one platform: one that is slow takes no place from the others."""
ALL_AT_ONCE = 96
CLAIMED_AT_ONCE = 16
THREADS = 2
GIVE_UP_MS = 24 * 3600 * 1000
BACKOFF_SECONDS = (1, 2, 4, 8, 15, 30, 60)

log = structlog.get_logger()


class Outbox:
    """Sends of every platform. What is drawn is read at the moment of sending, for its viewer."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        wakeup: Wakeup,
        clock: Clock,
        platforms: Mapping[str, Platform],
        jobs: JobRunner,
        pictures: Pictures,
        drawer: Drawer,
        not_here: Callable[[], Sequence[str]],
        quota: Quota,
        *,
        lease_ms: int = lanes.LEASE_MS,
    ) -> None:
        self._store = store
        self._writer = writer
        self._wakeup = wakeup
        self._clock = clock
        self._platforms = platforms
        self._jobs = jobs
        self._pictures = pictures
        self._lease_ms = lease_ms
        self._drawer = drawer
        self._not_here = not_here
        self._quota = quota
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="drawer")
        self._running: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                free = min(CLAIMED_AT_ONCE, ALL_AT_ONCE - len(self._running))
                claimed = await self._claim(free) if free else []
                for due in claimed:
                    task = asyncio.create_task(self._deliver(due))
                    self._running[task] = due.row.platform
                    task.add_done_callback(self._done)
                if not claimed:
                    await self._wakeup.wait("outbox", at_most=await self._next_look())
        finally:
            if self._running:
                await asyncio.wait(self._running, timeout=5)
            self._pictures.stop()
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wakeup.wake("outbox")
        if not task.cancelled() and (error := task.exception()):
            log.error("delivery_failed", error=repr(error))

    async def _claim(self, free: int) -> list[Due]:
        busy = Counter(self._running.values())
        full = [f"out:{name}:" for name, count in busy.items() if name and count >= SENDS_AT_ONCE]
        try:
            return await self._writer.run(
                lambda conn: outbox.claim(
                    conn, self._store, limit=free, lease_ms=self._lease_ms, without=(*self._not_here(), *full)
                )
            )
        except OperationalError as error:
            log.error("claim_failed", error=type(error).__name__)
            return []

    async def _next_look(self) -> float:
        def soonest() -> int | None:
            with self._store.snapshot() as conn:
                return lanes.soonest_due_ms(conn, self._store, queue=lanes.OUTBOX)

        try:
            ms = await asyncio.to_thread(soonest)
        except OperationalError:
            ms = None  # the database is away: keep asking
        return POLL_SECONDS if ms is None else min(POLL_SECONDS, max(0.005, ms / 1000))

    async def _deliver(self, due: Due) -> None:
        """One row to its end of this try: sent, ended without sending, or waiting for the next try."""
        try:
            match due.row.kind:
                case "fanout":
                    await self._fan_out(due)
                case "job":
                    await self._run_job(due)
                case "redraw":
                    await self._redraw(due)
                case _:
                    await self._send(due)
        except LeaseLost:
            log.info("send_lease_lost", row=due.row.id)
        except PlatformError as error:
            await self._refused(due, error)
        except Exception as error:
            log.exception("send_failed", row=due.row.id, kind=due.row.kind)
            await self._again(due, RetryLater(type(error).__name__, after=5))

    async def _send(self, due: Due) -> None:
        row, platform = due.row, self._platforms.get(due.row.platform)
        if platform is None:
            await self._close(due, DEAD, f"platform {row.platform or '?'} is not configured")
            return
        if fate_is_open(due, platform) and row.urgency > 0:
            await self._close(due, DEAD, "the platform's answer was unknown; not sent again")
            return
        if cuts_message(self._quota.step(row.platform), urgency=Urgency(row.urgency), card=row.card):
            await self._elsewhere(due, SUPERSEDED, "held back: the platform's month is short")
            return
        reached("reply claimed")
        drawn = await self._in_thread(lambda: self._drawer.draw(due, platform))
        if drawn is None:
            await self._close(due, SUPERSEDED, "nothing to show any more")
            return
        message = platform.render(await self._pictures.place(drawn.card, platform), row.chat)
        receipt = await platform.send(_address(row), message, key=row.id)
        reached("sent")
        at = self._clock.business_us()

        def record(conn: Connection) -> None:
            note = "sent again, may be double" if fate_is_open(due, platform) else ""
            outbox.sent(conn, [row.id, *(m.id for m in due.merged)], at=at, message_id=receipt.message_id, note=note)
            shown = Arrived(receipt.message_id, receipt.chat, drawn.content_hash, at, receipt.handle, drawn.offers)
            arrive(conn, self._store, row, shown, alone=not due.merged)

        await self._finish(due, record)
        reached("confirmed")
        metrics.sent.inc()

    async def _redraw(self, due: Due) -> None:
        platform = self._platforms.get(due.row.platform)
        drawn = await self._in_thread(lambda: self._drawer.draw_again(due.row, platform)) if platform else None
        if drawn is None or drawn.live is None or platform is None:
            await self._close(due, SUPERSEDED, "the card is gone")
            return
        live, now = drawn.live, self._clock.business_us()
        if not live.message_id:
            await self._wait_for_card(due, live)
            return
        caps, step = platform.capabilities(live.chat, direct=True), self._quota.step(platform.name)
        way = redraw.way(live, drawn, caps, now=now, quota_step=step)
        if why := redraw.LEFT_OUT.get(way):
            await self._close(due, SUPERSEDED, why)
            return
        anew: Sent | None = None
        try:
            if way == "update":
                await redraw.update(live, drawn, platform, self._pictures)
            elif way == "anew":
                anew = await redraw.send_anew(due, live, drawn, platform, self._pictures)
            else:
                await redraw.tell(due, live, drawn, platform)
        except Gone as error:
            await self._writer.run(lambda conn: live_cards.lost(conn, live.id))
            await self._close(due, SUPERSEDED, str(error))
            return

        def record(conn: Connection) -> None:
            if anew:
                redraw.moved(conn, due, live, drawn, anew, at=now)
            else:
                redraw.recorded(conn, due, live, drawn, at=now, used=way == "update")

        await self._finish(due, record, gap_ms=outbox.MERGE_GAP_MS)

    async def _wait_for_card(self, due: Due, live: Live) -> None:
        """The card itself is still on its way, or will never be sent."""

        def read() -> Row | None:
            with self._store.snapshot() as conn:
                return outbox.get(conn, live.id)

        card = await self._in_thread(read)
        if card is None or card.state in (DEAD, SUPERSEDED):
            await self._writer.run(lambda conn: live_cards.lost(conn, live.id))
            await self._close(due, SUPERSEDED, "the card was never sent")
        else:
            await self._postpone(due, ms=500, error="", unknown=False)

    async def _fan_out(self, due: Due) -> None:
        def resolve() -> tuple[list[Row], list[Member]]:
            with self._store.snapshot() as conn:
                return fan_out(self._drawer.tx(conn), due.row)

        rows, unreachable = await self._in_thread(resolve)
        now = self._clock.business_us()
        if unreachable and await bind_by_mobile(unreachable, self._platforms, self._writer, self._store, now_us=now):
            rows, unreachable = await self._in_thread(resolve)

        def record(conn: Connection) -> None:
            if rows:
                plan_notices(conn, self._store, rows)
            why = "no account: " + ", ".join(member.id for member in unreachable) if unreachable else ""
            if rows:
                outbox.sent(conn, [due.row.id], at=now, note=why)
            else:
                outbox.close(conn, [due.row.id], state=DEAD, why=why or "nobody to tell")

        await self._finish(due, record)
        self._wakeup.wake("outbox")

    async def _run_job(self, due: Due) -> None:
        last_try = due.row.tries >= len(BACKOFF_SECONDS)
        done = await self._jobs.finish(due.row, now=self._clock.business_us(), last_try=last_try)

        def record(conn: Connection) -> None:
            inbox.receive(conn, self._store, [done.inbound])
            outbox.sent(conn, [due.row.id], at=done.inbound.occurred_at, note=done.error)

        await self._finish(due, record)
        self._wakeup.wake("inbox")

    async def _refused(self, due: Due, error: PlatformError) -> None:
        """What a platform's no means: later, never, or a person has to act. The lane goes on in every case."""
        if isinstance(error, RetryLater):
            await self._again(due, error)
            return
        level = log.error if isinstance(error, NotAllowed) else log.warning
        level("send_refused", row=due.row.id, reason=type(error).__name__, code=error.code)
        why = f"{type(error).__name__} {error.code}: {error}"[:300]
        if isinstance(error, (NotAllowed, Gone)):
            await self._elsewhere(due, DEAD, why)
        else:
            await self._close(due, DEAD, why)

    async def _elsewhere(self, due: Due, state: int, why: str) -> None:
        """The row ends here; another account of the person, or the superior, gets the message. R-DEL, R-QUOTA."""

        def find() -> list[Row]:
            with self._store.snapshot() as conn:
                tx = self._drawer.tx(conn)
                return [row for each in (due.row, *due.merged) if (row := elsewhere(tx, each))]

        rows = await self._in_thread(find)

        def record(conn: Connection) -> None:
            outbox.close(conn, [due.row.id, *(m.id for m in due.merged)], state=state, why=why)
            if rows:
                plan_notices(conn, self._store, rows)

        await self._finish(due, record)
        self._wakeup.wake("outbox")

    async def _again(self, due: Due, error: RetryLater) -> None:
        waited = due.machine_ms - (due.row.first_try_at or due.machine_ms)
        if waited > GIVE_UP_MS:
            await self._close(due, DEAD, f"gave up after 24 h: {error}")
            return
        backoff = BACKOFF_SECONDS[min(due.row.tries, len(BACKOFF_SECONDS) - 1)]
        await self._postpone(due, ms=int(max(error.after, backoff if error.unknown else 0.2) * 1000),
                             error=str(error)[:300], unknown=error.unknown)  # fmt: skip

    async def _postpone(self, due: Due, *, ms: int, error: str, unknown: bool) -> None:
        def record(conn: Connection) -> None:
            until = self._store.machine_ms(conn) + ms
            for row in (due.row, *due.merged):
                outbox.retry(conn, row.id, hold_until=until, error=error, unknown=unknown)

        await self._finish(due, record, wait_ms=ms)

    async def _close(self, due: Due, state: int, why: str) -> None:
        def record(conn: Connection) -> None:
            outbox.close(conn, [due.row.id, *(m.id for m in due.merged)], state=state, why=why)

        await self._finish(due, record)

    async def _finish(
        self, due: Due, record: Callable[[Connection], None], *, gap_ms: int = 0, wait_ms: int | None = None
    ) -> None:
        """Record what became of a row and give its lane back. Raises LeaseLost, having recorded nothing."""

        def write(conn: Connection) -> None:
            lanes.hold(conn, self._store, due.claim)
            record(conn)
            outbox.finish_lane(conn, self._store, due.claim, gap_ms=gap_ms, wait_ms=wait_ms)

        await self._writer.run(write)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _address(row: Row) -> Address:
    return Address(chat=row.chat, account="" if row.chat else row.account, reply_to=row.reply_to)
