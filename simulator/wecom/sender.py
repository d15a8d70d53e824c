"""Delivers callbacks: in order within a chat, side by side across chats, again up to three times."""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.faults import Fault
from simulator.wecom.faults import FORGED
from simulator.wecom.line import BAD_STATUS, NO_ANSWER, NO_CONNECTION, Line, Outcome
from simulator.wecom.platform import Wecom

RETRIES = 3
RETRY_SECONDS = 5.0
HOLD_SECONDS = 1.0
TYPING_SECONDS = 8.0


def _nothing(body: bytes) -> None:
    """What most answers are good for."""


@dataclass(order=True, slots=True)
class Delivery:
    """One callback on its way; the plaintext stays the same however often it is sent.

    `retries`: how often it may be repeated. `click`: faults of the path "callback" are meant for it.
    `answered` gets the body of the answer once.
    """

    due: datetime
    number: int
    line: Line = field(compare=False)
    plain: str = field(compare=False)
    chat_id: str = field(compare=False)
    message_id: str = field(default="", compare=False)
    retries: int = field(default=RETRIES, compare=False)
    click: bool = field(default=False, compare=False)
    answered: Callable[[bytes], None] = field(default=_nothing, compare=False)
    tries: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """What the clock bar says about the next attempt."""
        return f"企业微信重送回调（第 {self.tries} 次）"


class Sender:
    """Sends every callback once, and again five seconds after each failure.

    A failed callback waits beside its chat: later ones of the same chat are not held back.
    """

    def __init__(self, wecom: Wecom, scale: float) -> None:
        self._wecom = wecom
        self._scale = scale
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: dict[str, list[tuple[Delivery, asyncio.Future[Outcome]]]] = defaultdict(list)
        self._waiting: list[Delivery] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._beside: set[asyncio.Task[Any]] = set()
        self._numbers = 0

    async def run(self) -> None:
        """Send the repetitions when they are due; runs as long as the simulator."""
        while True:
            self._fire_due()
            await self._wecom.clock.wait_until(self.next_due())

    async def stop(self) -> None:
        """End what is still under way."""
        self.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._beside, return_exceptions=True)

    def clear(self) -> None:
        """No repetition is left, and nothing beside the deliveries."""
        self._waiting.clear()
        for task in self._beside:
            task.cancel()

    def next_due(self) -> datetime | None:
        """The instant of the next repetition."""
        return self._waiting[0].due if self._waiting else None

    def next_label(self) -> str:
        """What the next repetition is."""
        return self._waiting[0].label if self._waiting else ""

    async def settle(self) -> None:
        """Return when every repetition due by now was tried."""
        self._fire_due()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, line: Line, plain: str, chat_id: str, **more: Any) -> asyncio.Task[Outcome]:
        """Deliver in the background; the order of calls is the order of the chat."""
        self._numbers += 1
        delivery = Delivery(self._wecom.clock.now(), self._numbers, line, plain, chat_id, **more)
        return self.spawn(self._deliver(delivery))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a delivery in the background; `settle` waits for it."""
        return _kept(self._tasks, work)

    def beside(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something long that nobody waits for; `clear` ends it."""
        _kept(self._beside, work)

    async def _deliver(self, delivery: Delivery) -> Outcome:
        fault = self._fault(delivery)
        if fault is not None and fault.kind == "reorder":
            return await self._hold(delivery)
        async with self._lanes[delivery.chat_id]:
            outcome = await self._attempt(delivery, fault)
            await self._release(delivery.chat_id)
            return outcome

    def _fault(self, delivery: Delivery) -> Fault | None:
        return self._wecom.faults.take("POST", "callback" if delivery.click else "event")

    async def _attempt(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        kind, ms = (fault.kind, fault.ms) if fault else ("", 0)
        if kind == "delay":
            await asyncio.sleep(ms / 1000)
        self._typing(delivery, on=True)
        if kind == "drop":
            outcome = Outcome(0, 0.0, NO_CONNECTION)
        else:
            flaw = kind if kind in FORGED else ""
            outcome = await delivery.line.post(delivery.plain, flaw=flaw, skew_ms=ms if kind == "skew" else 0)
        if kind == "duplicate":
            await delivery.line.post(delivery.plain)
        if kind == "drop_after":
            outcome = Outcome(0, outcome.ms, NO_ANSWER)
        if outcome.code:
            self._typing(delivery, on=False)
            self._failed(delivery, outcome)
        else:
            delivery.answered(outcome.body)
        return outcome

    def _failed(self, delivery: Delivery, outcome: Outcome) -> None:
        again = outcome.code != BAD_STATUS or self._wecom.retry_on_status
        last = delivery.tries >= delivery.retries or not again
        if delivery.tries == 0 or last:
            text = "回调没送到，不再送" if last else "回调没送到，几秒后再送"
            world = self._wecom.world
            world.show_error(delivery.chat_id, world.messages.get(delivery.message_id), outcome.code, text)
        if last:
            return
        delivery.due = self._wecom.clock.now() + timedelta(seconds=RETRY_SECONDS / self._scale)
        delivery.tries += 1
        heapq.heappush(self._waiting, delivery)
        self._wecom.clock.poke()

    def _fire_due(self) -> None:
        now = self._wecom.clock.now()
        while self._waiting and self._waiting[0].due <= now:
            self.spawn(self._again(heapq.heappop(self._waiting)))

    async def _again(self, delivery: Delivery) -> None:
        async with self._lanes[delivery.chat_id]:
            await self._attempt(delivery, self._fault(delivery))

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

    def _typing(self, delivery: Delivery, *, on: bool) -> None:
        feed = self._wecom.feed
        if not feed.watched or delivery.click or not delivery.message_id:
            return
        feed.publish("typing", chat=delivery.chat_id, on=on)
        if on:
            loop = asyncio.get_running_loop()
            loop.call_later(TYPING_SECONDS, lambda: feed.publish("typing", chat=delivery.chat_id, on=False))


def _kept(tasks: set[asyncio.Task[Any]], work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task
