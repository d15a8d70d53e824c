"""Delivers events: in order within a chat, side by side across chats, with the vendor's retries."""

from __future__ import annotations

import asyncio
import heapq
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.faults import Fault
from simulator.feishu import events
from simulator.feishu.line import NO_ANSWER, NO_CONNECTION, Line, Outcome
from simulator.feishu.platform import Feishu

EVENT_SECONDS = 3.0
VERIFY_SECONDS = 1.0
HOLD_SECONDS = 1.0
TYPING_SECONDS = 8.0
LADDER = (timedelta(seconds=15), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))


@dataclass(order=True, slots=True)
class Delivery:
    """One event on its way; `tries` counts the attempts made, `due` is the next one."""

    due: datetime
    number: int
    event: dict[str, Any] = field(compare=False)
    chat_id: str = field(compare=False)
    tries: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """What the clock bar says about the next attempt."""
        kind = self.event.get("header", {}).get("event_type", "事件")
        return f"重送事件 {kind}（第 {self.tries} 次重送）"


class Sender:
    """Sends every event once, and again 15 s, 5 min, 1 h and 6 h after failures.

    A failed event waits beside its chat: later events of the same chat are not held back.
    """

    def __init__(self, feishu: Feishu, line: Line, scale: float) -> None:
        self._feishu = feishu
        self._line = line
        self._scale = scale
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: dict[str, list[tuple[Delivery, asyncio.Future[Outcome]]]] = defaultdict(list)
        self._retries: list[Delivery] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._numbers = 0

    async def run(self) -> None:
        """Send the retries when they are due; runs as long as the simulator."""
        while True:
            self._fire_due()
            await self._feishu.clock.wait_until(self.next_due())

    async def stop(self) -> None:
        """End what is still under way."""
        self.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def clear(self) -> None:
        """No retry is left."""
        self._retries.clear()

    def next_due(self) -> datetime | None:
        """The instant of the next retry."""
        return self._retries[0].due if self._retries else None

    def next_label(self) -> str:
        """What the next retry is."""
        return self._retries[0].label if self._retries else ""

    async def settle(self) -> None:
        """Return when every retry due by now was tried."""
        self._fire_due()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, event: dict[str, Any], chat_id: str) -> asyncio.Task[Outcome]:
        """Deliver in the background; the order of calls is the order of the chat."""
        return self._spawn(self.deliver(event, chat_id))

    async def deliver(self, event: dict[str, Any], chat_id: str) -> Outcome:
        """Deliver one event; the outcome is that of the first attempt."""
        self._numbers += 1
        delivery = Delivery(self._feishu.clock.now(), self._numbers, event, chat_id)
        fault = self._feishu.faults.take("POST", "event")
        if fault is not None and fault.kind == "reorder":
            return await self._hold(delivery)
        async with self._lanes[chat_id]:
            outcome = await self._attempt(delivery, fault)
            await self._release(chat_id)
            return outcome

    async def verify(self) -> dict[str, Any]:
        """Send url_verification; the bot has one second to give the challenge back."""
        challenge = self._feishu.ids.new("c-", length=16)
        outcome = await self._line.post(events.verification(self._feishu, challenge), seconds=VERIFY_SECONDS)
        good = outcome.code == 0 and _challenge(outcome.body) == challenge
        return {"ok": good, **outcome.view()}

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        kind = fault.kind if fault else ""
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        self._typing(delivery, True)
        if kind == "drop":
            outcome = Outcome(0, 0.0, NO_CONNECTION)
        else:
            skew = fault.ms if fault is not None and kind == "skew" else 0
            outcome = await self._line.post(delivery.event, seconds=EVENT_SECONDS, skew_ms=skew)
        if kind == "duplicate":
            await self._line.post(delivery.event, seconds=EVENT_SECONDS)
        if kind == "drop_after":
            outcome = Outcome(0, outcome.ms, NO_ANSWER)
        if outcome.code:
            self._typing(delivery, False)
            self._failed(delivery, outcome)
        return outcome

    def _failed(self, delivery: Delivery, outcome: Outcome) -> None:
        last = delivery.tries >= len(LADDER)
        if delivery.tries == 0 or last:
            text = "事件送了五次都没送到，不再送" if last else "事件没送到，稍后会再送"
            self._show(delivery, outcome.code, text)
        if last:
            return
        delivery.due = self._feishu.clock.now() + LADDER[delivery.tries] / self._scale
        delivery.tries += 1
        heapq.heappush(self._retries, delivery)
        self._feishu.clock.poke()

    def _show(self, delivery: Delivery, code: int, text: str) -> None:
        message_id = delivery.event.get("event", {}).get("message", {}).get("message_id", "")
        world = self._feishu.world
        world.show_error(delivery.chat_id, world.messages.get(message_id), code, text)

    def _fire_due(self) -> None:
        now = self._feishu.clock.now()
        while self._retries and self._retries[0].due <= now:
            self._spawn(self._retry(heapq.heappop(self._retries)))

    async def _retry(self, delivery: Delivery) -> None:
        async with self._lanes[delivery.chat_id]:
            await self._attempt(delivery, self._feishu.faults.take("POST", "event"))

    async def _hold(self, delivery: Delivery) -> Outcome:
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._held[delivery.chat_id].append((delivery, future))
        await asyncio.wait([future], timeout=HOLD_SECONDS)
        if not future.done():
            async with self._lanes[delivery.chat_id]:
                await self._release(delivery.chat_id)
        return await future

    async def _release(self, chat_id: str) -> None:
        for delivery, future in self._held.pop(chat_id, []):
            outcome = await self._attempt(delivery, None)
            if not future.done():
                future.set_result(outcome)

    def _typing(self, delivery: Delivery, on: bool) -> None:
        feed = self._feishu.feed
        if not feed.watched or "message" not in delivery.event.get("event", {}):
            return
        feed.publish("typing", chat=delivery.chat_id, on=on)
        if on:
            loop = asyncio.get_running_loop()
            loop.call_later(TYPING_SECONDS, lambda: feed.publish("typing", chat=delivery.chat_id, on=False))

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _challenge(body: bytes) -> Any:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer.get("challenge") if isinstance(answer, dict) else None
