"""Accept an event: stored durably before anything else, then answered inside the platform's limit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.drawing import Drawer, Drawn
from bot.platforms.base import Accepted, Platform
from bot.steps import reached
from bot.wakeup import Wakeup
from bot.writer import Writer
from cards.blocks import Card, Note, Picture
from handlers.events import Clicked
from sales.chats import GROUP
from storage import inbox, lanes, live_cards, outbox
from storage.engine import Connection, Store
from storage.inbox import Inbound
from storage.outbox import DONE, HELD, Row

POLL_SECONDS = 0.05
"""How often a web-only process looks for the reply another process writes."""


@dataclass(slots=True)
class Answer:
    """The reply row of a click, claimed by this callback; see bot.platforms.base.InlineAnswer."""

    toast: str
    card: Card | None
    _intake: Intake
    _row_id: str = ""
    _drawn: Drawn | None = None

    async def written(self) -> None:
        """The platform's connection took the answer: the row is closed, waiting redraws may go."""
        if self._row_id:
            reached("sent")
            await self._intake.confirm(self._row_id, self._drawn)


class Intake:
    """Given to every adapter as `accept`. `handles_here` is False in a process that only receives."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        wakeup: Wakeup,
        clock: Clock,
        platforms: Mapping[str, Platform],
        drawer: Drawer,
        *,
        handles_here: bool = True,
        receives_here: bool = True,
        inline: bool = True,
        lease_ms: int = lanes.LEASE_MS,
    ) -> None:
        self._store = store
        self._writer = writer
        self._wakeup = wakeup
        self._clock = clock
        self._platforms = platforms
        self._drawer = drawer
        self._handles_here = handles_here
        self._receives_here = receives_here
        self._inline = inline
        self._lease_ms = lease_ms
        self._waiting: dict[str, asyncio.Future[Row | None]] = {}

    async def accept(self, inbound: Inbound) -> Accepted:
        """Store the event, wake its lane, and for a click wait for the reply as long as the platform does."""
        reached("received")
        if not inbound.answer_within_ms:
            await self._writer.receive(inbound)
            reached("stored")
            self._wakeup.wake("inbox")
            return Accepted(duplicate=False)
        deadline = self._clock.machine() + inbound.answer_within_ms / 1000
        waiter: asyncio.Future[Row | None] = asyncio.get_running_loop().create_future()
        self._waiting[inbound.id] = waiter
        try:
            known = await self._writer.run(lambda conn: _store_click(conn, self._store, inbound))
            reached("stored")
            if known:
                return await self._again(inbound)
            self._wakeup.wake("inbox")
            return Accepted(duplicate=False, answer=await self._reply(inbound, waiter, deadline))
        finally:
            self._waiting.pop(inbound.id, None)

    def expects_inline(self, inbound_id: str) -> bool:
        """True when some callback may still answer inline: one of this process, or of a web-only process."""
        return inbound_id in self._waiting or not self._receives_here

    def replied(self, inbound_id: str, row: Row | None) -> None:
        """The event was handled; called by the worker of the same process after its commit."""
        waiter = self._waiting.get(inbound_id)
        if waiter and not waiter.done():
            waiter.set_result(row)

    async def confirm(self, row_id: str, drawn: Drawn | None) -> None:
        """The inline answer went out, and with it what the pressed card shows now."""
        at = self._clock.business_us()

        def record(conn: Connection) -> None:
            outbox.confirm_inline(conn, self._store, row_id, at=at)
            if drawn and (live := drawn.live):
                shown = {"content_hash": drawn.content_hash, "offers": drawn.offers, "handle": live.handle}
                live_cards.redrawn(conn, live.id, **shown)

        await self._writer.run(record)
        reached("confirmed")
        self._wakeup.wake("outbox")

    async def _reply(self, inbound: Inbound, waiter: asyncio.Future[Row | None], deadline: float) -> Answer | None:
        if not self._inline:
            return None
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock.machine())):
                row = await waiter if self._handles_here else await self._poll(inbound.id)
                if row is None or row.state != HELD:
                    return Answer("", None, self)
                drawn = await self._drawn(inbound)
        except TimeoutError:
            return None
        answer = self._answer(inbound, row, drawn)
        if answer is None:
            return Answer("", None, self)  # this platform has no toast and the card is not ours: the outbox says it
        won = await self._writer.run(
            lambda conn: outbox.claim_inline(conn, self._store, row.id, lease_ms=self._lease_ms)
        )
        reached("reply claimed")
        return answer if won else None

    async def _poll(self, inbound_id: str) -> Row | None:
        """Another process handles it: look until its reply is there."""
        while True:
            row = await asyncio.to_thread(self._read_reply, inbound_id)
            if row:
                return row
            await asyncio.sleep(POLL_SECONDS)

    async def _again(self, inbound: Inbound) -> Accepted:
        """A repeated click gets the stored answer again and changes nothing."""
        row = await asyncio.to_thread(self._read_reply, inbound.id)
        if row is None or row.state != DONE:
            return Accepted(duplicate=True)
        return Accepted(duplicate=True, answer=self._answer(inbound, row, await self._drawn(inbound)))

    def _carries(self, inbound: Inbound) -> str:
        platform = None if inbound.kind == "page" else self._platforms.get(inbound.platform)
        return platform.capabilities(inbound.chat, direct=True).answer if platform else "toast"

    async def _drawn(self, inbound: Inbound) -> Drawn | None:
        """What the pressed card shows now, where the answer can carry it. Cards with pictures are redrawn later."""
        platform = self._platforms.get(inbound.platform)
        if platform is None or self._carries(inbound) not in ("card", "both"):
            return None
        event = platform.parse(inbound)
        if not isinstance(event, Clicked):
            return None
        drawn = await asyncio.to_thread(self._drawer.draw_clicked, event.message_id, platform)
        return None if drawn and any(isinstance(block, Picture) for block in drawn.card) else drawn

    def _answer(self, inbound: Inbound, row: Row, drawn: Drawn | None) -> Answer | None:
        """The answer this platform can show; None when it can show none. Where there is no toast and the card stays
        as it is, the words stand on the card."""
        toast = row.toast or str(row.args.get("text", ""))
        if self._carries(inbound) != "card":
            return Answer(toast, drawn.card if drawn else None, self, row.id, drawn)
        if drawn is None or drawn.live is None:
            return None
        same = drawn.content_hash == drawn.live.content_hash
        if same and drawn.live.viewer.startswith(GROUP):
            return None  # what a press is told concerns only who pressed
        return Answer("", (*drawn.card, Note(toast)) if same and toast else drawn.card, self, row.id, drawn)

    def _read_reply(self, inbound_id: str) -> Row | None:
        with self._store.snapshot() as conn:
            return outbox.reply_of(conn, inbound_id)


def _store_click(conn: Connection, store: Store, inbound: Inbound) -> bool:
    """True when the event was known already."""
    if inbox.by_id(conn, inbound.id):
        return True
    inbox.receive(conn, store, [inbound])
    return False
