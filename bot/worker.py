"""Work the inbox: claim a lane, handle its oldest row on a snapshot, write once, go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from bot import metrics
from bot.clock import Clock
from bot.intake import Intake
from bot.steps import reached
from bot.wakeup import POLL_SECONDS, Wakeup
from bot.writer import Writer
from handlers.events import Clicked, Event
from sales.decision import Reply
from storage import inbox, lanes
from storage.apply import Step, Written, chat_lane, row_id, write
from storage.config import Policies
from storage.engine import Connection, IntegrityError, OperationalError, Store
from storage.entities import Conflict
from storage.inbox import Inbound, Stored
from storage.lanes import Claim, LeaseLost
from storage.numbers import Numbers
from storage.outbox import Row, get, plan
from storage.tx import Tx
from storage.types import from_us

CONFLICT_TRIES = 5
RETRY_MS = (1_000, 3_000)
"""Waits after the first and second failure; the third buries the row. Within 10 s (style.md 7)."""

LANES_AT_ONCE = 16
THREADS = 4

log = structlog.get_logger()

Parse = Callable[[Inbound], Event | None]
Route = Callable[[Tx, Inbound, Event], Reply | None]


@dataclass(frozen=True, slots=True)
class Handled:
    """What a handler made of a row, before anything is written."""

    stored: Stored
    step: Step


class Worker:
    """Handles rows of any lane. `parse` turns a stored row into an event, `route` finds its one handler."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        wakeup: Wakeup,
        clock: Clock,
        intake: Intake,
        *,
        parse: Parse,
        route: Route,
        policies: Policies | None = None,
        lease_ms: int = lanes.LEASE_MS,
    ) -> None:
        self._store = store
        self._writer = writer
        self._wakeup = wakeup
        self._clock = clock
        self._intake = intake
        self._parse = parse
        self._route = route
        self._policies = policies or Policies()
        self._lease_ms = lease_ms
        self._numbers = Numbers()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="handler")
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                free = LANES_AT_ONCE - len(self._running)
                claims = await self._claim(free) if free else []
                for claim in claims:
                    task = asyncio.create_task(self._work_lane(claim))
                    self._running.add(task)
                    task.add_done_callback(self._lane_done)
                if not claims or len(claims) < free:
                    await self._wakeup.wait("inbox", at_most=await self._next_look())
                elif len(self._running) >= LANES_AT_ONCE:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._finish_running()

    async def work_off(self, lane: str) -> bool:
        """Work this one lane now, for a command of the command line; False when somebody else holds it."""
        claims = await self._claim(1, only=lane)
        for claim in claims:
            await self._work_lane(claim)
        return bool(claims)

    async def _finish_running(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=5)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _lane_done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wakeup.wake("inbox") if len(self._running) == LANES_AT_ONCE - 1 else None
        if not task.cancelled() and (error := task.exception()):
            log.error("lane_failed", error=repr(error))

    async def _claim(self, free: int, *, only: str = "") -> list[Claim]:
        def claim(conn: Connection) -> list[Claim]:
            return lanes.claim(conn, self._store, queue=lanes.INBOX, limit=free, lease_ms=self._lease_ms, only=only)

        try:
            return await self._writer.run(claim)
        except OperationalError as error:
            log.error("claim_failed", error=type(error).__name__)
            return []

    async def _next_look(self) -> float:
        def soonest() -> int | None:
            with self._store.snapshot() as conn:
                return lanes.soonest_due_ms(conn, self._store, queue=lanes.INBOX)

        try:
            ms = await asyncio.to_thread(soonest)
        except OperationalError:
            ms = None  # the database is away: keep asking
        return POLL_SECONDS if ms is None else min(POLL_SECONDS, max(0.005, ms / 1000))

    async def _work_lane(self, claim: Claim) -> None:
        """Handle the lane's rows one after the other for as long as the lease is ours."""
        while True:
            try:
                more = await self._process(claim)
            except LeaseLost:
                return
            if not more:
                return

    async def _process(self, claim: Claim) -> bool:
        """One row: decide on a snapshot, write once; decide again when something changed in between."""
        clash = ""
        for _ in range(CONFLICT_TRIES):
            handled = await self._in_thread(self._handle, claim)
            if handled is None:
                await self._writer.run(lambda conn: _release_idle(conn, self._store, claim))
                return False
            if isinstance(handled, _Failure):
                return await self._failed(claim, handled)
            reached("handled")
            try:
                written = await self._writer.run(self._write(handled.step))
            except LeaseLost:
                raise
            except (Conflict, OperationalError):
                clash = ""
            except IntegrityError as error:
                clash = repr(error)  # somebody took the key meanwhile; who still meets it after all tries is wrong
            except Exception as error:
                log.exception("write_failed", inbound=handled.stored.inbound.id)
                return await self._failed(claim, _Failure(handled.stored, repr(error)))
            else:
                reached("committed")
                self._committed(handled, written)
                return written.more
        if clash:
            return await self._failed(claim, _Failure(handled.stored, clash))
        await self._writer.run(lambda conn: lanes.release(conn, self._store, claim, due_in_ms=200))
        return False

    def _write(self, step: Step) -> Callable[[Connection], Written]:
        return lambda conn: write(conn, self._store, step)

    def _committed(self, handled: Handled, written: Written) -> None:
        metrics.handled.inc()
        self._intake.replied(handled.stored.inbound.id, written.reply)
        if written.sends:
            self._wakeup.wake("outbox")

    async def _in_thread(self, work: Callable[[Claim], Any], claim: Claim) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, claim)

    def _handle(self, claim: Claim) -> Handled | _Failure | None:
        """In a database thread: read the oldest row, route it, collect the decision. Writes nothing."""
        with self._store.snapshot() as conn:
            stored = inbox.oldest(conn, claim.lane)
            if stored is None:
                return None
            inbound = stored.inbound
            now = inbound.occurred_at if inbound.kind == "timer" else self._clock.business_us()
            policy = self._policies(conn)
            tx = Tx(conn, self._store, now=from_us(now), policy=policy, numbers=self._numbers)
            try:
                event = self._parse(inbound)
                reply = self._route(tx, inbound, event) if event is not None else None
            except Exception as error:
                log.exception("handler_failed", inbound=inbound.id, kind=inbound.kind)
                return _Failure(stored, f"{type(error).__name__}: {error}")
            step = Step(
                claim=claim,
                seq=stored.seq,
                inbound=inbound,
                decision=tx.decision,
                reply=reply,
                actor=tx.actor,
                now=now,
                policy=policy,
                numbers_taken=tx.numbers_taken,
                hold_ms=self._hold_ms(conn, stored),
                answer_under=tx.answer_under,
                clicked_message=event.message_id if isinstance(event, Clicked) else "",
                click_handle=event.handle if isinstance(event, Clicked) else "",
            )
            return Handled(stored, step)

    def _hold_ms(self, conn: Connection, stored: Stored) -> int:
        """How long the reply row is kept for whoever answers the click inline."""
        if stored.answer_by is None:
            return 0
        left = stored.answer_by - self._store.machine_ms(conn)
        return left if left > 0 and self._intake.expects_inline(stored.inbound.id) else 0

    async def _failed(self, claim: Claim, failure: _Failure) -> bool:
        """Try again in a moment; the third failure buries the row with a short apology to the person."""
        stored, tries = failure.stored, failure.stored.tries + 1
        if tries <= len(RETRY_MS):
            await self._writer.run(lambda conn: _postpone(conn, self._store, claim, stored.seq, tries, failure.error))
            return False
        log.error("inbound_dead", inbound=stored.inbound.id, error=failure.error)
        now = self._clock.business_us()
        written = await self._writer.run(lambda conn: _bury(conn, self._store, claim, stored, failure.error, now))
        self._intake.replied(stored.inbound.id, None)
        self._wakeup.wake("outbox")
        return written


@dataclass(frozen=True, slots=True)
class _Failure:
    stored: Stored
    error: str


def _release_idle(conn: Connection, store: Store, claim: Claim) -> None:
    lanes.hold(conn, store, claim)
    waiting = inbox.has_waiting(conn, claim.lane)
    lanes.release(conn, store, claim, due_in_ms=0 if waiting else None)


def _postpone(conn: Connection, store: Store, claim: Claim, seq: int, tries: int, error: str) -> None:
    lanes.hold(conn, store, claim)
    inbox.try_again(conn, seq, tries=tries, error=error[:500])
    lanes.release(conn, store, claim, due_in_ms=RETRY_MS[tries - 1])


def _bury(conn: Connection, store: Store, claim: Claim, stored: Stored, error: str, now: int) -> bool:
    lanes.hold(conn, store, claim)
    inbox.bury(conn, stored.seq, error=error[:500])
    inbound = stored.inbound
    short = row_id(inbound.id, "apology")
    if inbound.platform and inbound.account and get(conn, short) is None:
        text = f"我这边出了点问题，你的话我存着，恢复后自动接着办（编号 {short[:4]}）。"
        apology = Row(
            id=short, lane=chat_lane(inbound.platform, inbound.chat or inbound.account), kind="reply",
            platform=inbound.platform, chat=inbound.chat, account=inbound.account, card="words",
            args={"text": text}, message_kind="apology", rule="R-HOLD", inbound_id=inbound.id, planned_at=now,
        )  # fmt: skip
        plan(conn, store, [apology])
    more = inbox.has_waiting(conn, claim.lane)
    if more:
        lanes.renew(conn, store, claim)
    else:
        lanes.release(conn, store, claim, due_in_ms=None)
    return more
