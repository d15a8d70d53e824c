"""Robot messages and events on their way to the bot: in order within a chat, events with repeats."""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.dingtalk import payloads
from simulator.dingtalk.frames import ROBOT, Frame
from simulator.dingtalk.line import Line
from simulator.dingtalk.outcome import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NO_RECEIVER, TEXTS, Outcome
from simulator.dingtalk.platform import NAME, Dingtalk
from simulator.dingtalk.stream import Gateway
from simulator.faults import Fault
from simulator.vendor import Due

STREAM_SECONDS = 3.0
HOLD_SECONDS = 1.0
TYPING_SECONDS = 8.0
LADDER = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""The vendor says that events are sent again, not when."""
Json = dict[str, Any]


@dataclass(order=True, slots=True)
class Delivery:
    """One push. `tries` counts the repeats of an event; a robot message has none."""

    due: datetime
    number: int
    kind: str = field(compare=False)
    data: Json = field(compare=False)
    chat_id: str = field(compare=False)
    message_id: str = field(compare=False)
    tries: int = field(default=0, compare=False)


class Deliveries:
    """Hands everything but clicks to the bot, over Stream where a connection subscribes, else by HTTP."""

    def __init__(self, dingtalk: Dingtalk, gateway: Gateway, line: Line) -> None:
        self._dingtalk = dingtalk
        self._gateway = gateway
        self._line = line
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: dict[str, list[tuple[Delivery, asyncio.Future[Outcome]]]] = defaultdict(list)
        self._retries: list[Delivery] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._numbers = 0

    async def run(self) -> None:
        """Repeat events when they are due; runs as long as the simulator."""
        while True:
            self._fire_due()
            due = self.next_due()
            await self._dingtalk.parts.clock.wait_until(due.at if due else None)

    async def stop(self) -> None:
        """End what is still under way."""
        self.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def clear(self) -> None:
        """No repeat is left."""
        self._retries.clear()

    def next_due(self) -> Due | None:
        """The next repeat."""
        if not self._retries:
            return None
        first = self._retries[0]
        return Due(first.due, f"重推事件 {payloads.event_type(first.data)}（第 {first.tries} 次重推）")

    async def settle(self) -> None:
        """Return when every repeat due by now was tried."""
        self._fire_due()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def message(self, message: Json, item_chat: str) -> asyncio.Task[Outcome]:
        """Deliver a robot message in the background; the order of calls is the order of the chat."""
        kind = self._dingtalk.faults.scene("message")
        if not kind and not self._dingtalk.quota.message():
            kind = "over_quota"
        return self._start("message", payloads.scene(message, kind), item_chat)

    def event(self, event: Json, chat_id: str) -> asyncio.Task[Outcome]:
        """Deliver an organisation event in the background."""
        if not payloads.event_type(event).startswith(("user_", "org_")):
            self._dingtalk.quota.message()
        return self._start("event", event, chat_id)

    def _start(self, kind: str, data: Json, chat_id: str) -> asyncio.Task[Outcome]:
        self._numbers += 1
        parts = self._dingtalk.parts
        message_id = parts.ids.new("", length=16)
        delivery = Delivery(parts.clock.now(), self._numbers, kind, data, chat_id, message_id)
        return self._spawn(self._deliver(delivery))

    async def _deliver(self, delivery: Delivery) -> Outcome:
        fault = self._dingtalk.faults.take("POST", "event")
        if fault is not None and fault.kind == "reorder":
            return await self._hold(delivery)
        async with self._lane(delivery):
            outcome = await self._attempt(delivery, fault)
            for held, future in self._held.pop(delivery.chat_id, []):
                late = await self._attempt(held, None)
                if not future.done():
                    future.set_result(late)
        return outcome

    async def _hold(self, delivery: Delivery) -> Outcome:
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        entry = (delivery, future)
        self._held[delivery.chat_id].append(entry)
        await asyncio.wait([future], timeout=HOLD_SECONDS)
        if not future.done() and entry in self._held[delivery.chat_id]:
            self._held[delivery.chat_id].remove(entry)
            async with self._lane(delivery):
                return await self._attempt(delivery, None)
        return await future

    def _lane(self, delivery: Delivery) -> AbstractAsyncContextManager[Any]:
        """One post at a time per chat; Stream frames follow each other without waiting for the answers."""
        frame = self._frame(delivery)
        if self._gateway.subscribers(frame.kind, frame.topic):
            return nullcontext()
        return self._lanes[delivery.chat_id]

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        kind = fault.kind if fault else ""
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.ms / 1000)
        self._typing(delivery, True)
        skew = fault.ms if fault is not None and kind == "skew" else 0
        outcome = Outcome(0, 0.0, NO_CONNECTION) if kind == "drop" else await self._push(delivery, skew)
        if kind == "duplicate":
            await self._push(delivery, skew)
        if kind == "drop_after":
            outcome = Outcome(0, outcome.ms, NO_ANSWER)
        if outcome.code:
            self._typing(delivery, False)
            self._failed(delivery, outcome)
        return outcome

    async def _push(self, delivery: Delivery, skew_ms: int) -> Outcome:
        frame = self._frame(delivery)
        if self._gateway.subscribers(frame.kind, frame.topic):
            outcome = await self._gateway.push(frame, STREAM_SECONDS)
            later = delivery.kind == "event" and _says_later(outcome)
            return Outcome(outcome.status, outcome.ms, BAD_ANSWER) if later else outcome
        if not self._dingtalk.parts.options.posts(NAME):
            return Outcome(0, 0.0, NO_RECEIVER)
        if delivery.kind == "message":
            return await self._line.robot(delivery.data, skew_ms)
        return await self._line.event(payloads.flat_event(self._dingtalk, delivery.data, delivery.message_id), skew_ms)

    def _frame(self, delivery: Delivery) -> Frame:
        if delivery.kind == "message":
            return Frame("CALLBACK", ROBOT, delivery.message_id, delivery.data, {})
        app = self._dingtalk.app
        extra = {
            "eventType": payloads.event_type(delivery.data),
            "eventId": str(delivery.data.get("eventId") or delivery.message_id),
            "eventCorpId": app.corp_id,
            "eventBornTime": str(self._dingtalk.parts.clock.now_ms()),
            "eventUnifiedAppId": app.app_key,
        }
        return Frame("EVENT", "*", delivery.message_id, payloads.event_fields(delivery.data), extra)

    def _failed(self, delivery: Delivery, outcome: Outcome) -> None:
        again = delivery.kind == "event" and delivery.tries < len(LADDER)
        if delivery.tries == 0:
            world = self._dingtalk.parts.world
            message = world.messages.get(str(delivery.data.get("msgId", "")))
            text = TEXTS[outcome.code] + ("，稍后重推" if again else "，不会重推")
            world.show_error(delivery.chat_id, message, outcome.code, text)
        if again:
            clock = self._dingtalk.parts.clock
            delivery.due = clock.now() + LADDER[delivery.tries] / self._dingtalk.parts.options.retry_scale
            delivery.tries += 1
            heapq.heappush(self._retries, delivery)
            clock.poke()

    def _typing(self, delivery: Delivery, on: bool) -> None:
        """The page shows the bot at work, until it answers or eight seconds have gone."""
        feed = self._dingtalk.parts.feed
        if not feed.watched or delivery.kind != "message":
            return
        feed.publish("typing", chat=delivery.chat_id, on=on)
        if on:
            loop = asyncio.get_running_loop()
            loop.call_later(TYPING_SECONDS, lambda: feed.publish("typing", chat=delivery.chat_id, on=False))

    def _fire_due(self) -> None:
        now = self._dingtalk.parts.clock.now()
        while self._retries and self._retries[0].due <= now:
            self._spawn(self._deliver(heapq.heappop(self._retries)))

    def _spawn(self, work: Coroutine[Any, Any, Outcome]) -> asyncio.Task[Outcome]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _says_later(outcome: Outcome) -> bool:
    return isinstance(outcome.body, dict) and outcome.body.get("status") == "LATER"
