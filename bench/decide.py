"""From a click on 同意 to the answer, to the clicker's new card, and to every copy of it, in the simulator's chat."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import aiohttp
import orjson

from bench.chat import product_in_chat
from bench.company import company
from bench.figures import Figure, Plan, Target, not_run, percentile
from bot.clock import Clock
from sales.calendar import quiet_until
from sales.policy import Policy

TITLE = "from a click on 同意 to its answer, the clicker's card and all copies"
REP, BOSS = "m03", "m02"
LIMIT_MS, COPIES_MS = 3000, 3000
PATIENCE_SECONDS = 15
LATER_SECONDS = 3.2
"""Between two decisions: redraws of one card within three seconds are one, and here each is looked at."""


@dataclass(slots=True)
class Took:
    """Milliseconds from the clicks."""

    answer: list[float] = field(default_factory=list)
    card: list[float] = field(default_factory=list)
    copies: list[float] = field(default_factory=list)
    missing: int = 0


def run(plan: Plan) -> Iterator[Figure]:
    """The baseline is what the platform and the issue allow: 3 s for the answer, 3 s for all copies."""
    if quiet_until(Clock().business(), Policy()):
        yield not_run("issue 3", "decision", "quiet hours now: requests wait for 08:00, so there is no card to click")
        return
    with company() as of, product_in_chat(of) as simulator:
        took = asyncio.run(_Decisions(simulator).run(5 if plan.quick else 20))
    for what, found, limit in (
        ("click to its answer", took.answer, LIMIT_MS),
        ("click to the clicker's new card", took.card, LIMIT_MS),
        ("click to all copies", took.copies, COPIES_MS),
    ):
        for name, share in (("median", 0.5), ("worst", 1.0)):
            ms = percentile(found, share)
            yield Figure("issue 3", f"{what}, {name}", ms, "ms", f"{limit / 1000:g} s limit", limit, ms / limit,
                         Target("<=", limit, "value"))  # fmt: skip
    yield Figure("", "decisions that reached no card", took.missing, "", target=Target("<=", 0, "value"))


class _Decisions:
    """One rep who asks, one supervisor who clicks, and the page's live stream."""

    def __init__(self, simulator: str) -> None:
        self._simulator = simulator
        self._shown: dict[str, tuple[float, str]] = {}
        self._news = asyncio.Event()

    async def run(self, times: int) -> Took:
        """So many requests, each asked, clicked and seen."""
        took = Took()
        async with aiohttp.ClientSession() as self._http:
            async with self._http.get(f"{self._simulator}/sim/state") as answer:
                chats = (await answer.json())["chats"]
            self._home = {m: c["id"] for c in chats if c["kind"] == "p2p" for m in c["members"]}
            watching = asyncio.create_task(self._watch())
            for person in (REP, BOSS):
                await self._say(person, "帮助")
                await self._until(lambda: bool(self._shown))
            for n in range(times):
                await self._decide(n, took)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        return took

    async def _decide(self, n: int, took: Took) -> None:
        self._shown.clear()
        await self._say(REP, f"录单 南通海安医院 DR {60 + n}万")
        await self._until(lambda: bool(self._card("已录单")))
        number = self._shown[self._card("已录单")][1].partition("#")[2].partition(" ")[0]
        await self._say(REP, f"申请折扣 {number} 让5% 对手报低价")
        await self._until(lambda: bool(self._card("已送") and self._card("等你")))
        mine = self._card("等你")
        await asyncio.sleep(LATER_SECONDS)
        clicked = time.perf_counter()
        press = {"user": BOSS, "message_id": mine, "button": "同意", "values": {}}
        async with self._http.post(f"{self._simulator}/sim/submit", json=press) as answer:
            toast = (await answer.json()).get("toast")
        took.answer.append((time.perf_counter() - clicked) * 1000)
        done = await self._until(lambda: mine in self._decided() and len(self._decided()) == 2)
        if not (done and toast):
            took.missing += 1
            return
        took.card.append((self._shown[mine][0] - clicked) * 1000)
        took.copies.append((max(self._decided().values()) - clicked) * 1000)

    def _decided(self) -> dict[str, float]:
        """When each copy came to say that it is agreed; the asker gets a new one below, the old one points to it."""
        return {card: at for card, (at, text) in self._shown.items() if "已同意" in text}

    def _card(self, words: str) -> str:
        """The newest card with these words; empty when there is none."""
        return next((card for card, (_, text) in reversed(self._shown.items()) if words in text), "")

    async def _say(self, user: str, line: str) -> None:
        said = {"user": user, "chat": self._home[user], "text": line}
        async with self._http.post(f"{self._simulator}/sim/say", json=said) as answer:
            assert answer.status < 300, await answer.text()

    async def _watch(self) -> None:
        async with self._http.get(f"{self._simulator}/sim/events", timeout=aiohttp.ClientTimeout(None)) as stream:
            async for line in stream.content:
                if line.startswith(b"data: ") and b'"message_id"' in line:
                    message = orjson.loads(line.removeprefix(b"data: ")).get("message") or {}
                    if message.get("card"):
                        text = orjson.dumps(message["card"]).decode()
                        self._shown[message["message_id"]] = (time.perf_counter(), text)
                        self._news.set()

    async def _until(self, true: Callable[[], bool]) -> bool:
        """Wait for what the stream tells; False when it does not come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not true():
                    self._news.clear()
                    await self._news.wait()
                return True
        return False
