"""From a rep's line to the reply on the simulator's chat page, beside a bare echo bot."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator

import aiohttp
import orjson

from bench.company import Company, Rep, company
from bench.figures import Figure, Plan, Target, compare, percentile
from bench.machine import LOAD_CORE, SERVER_CORE, free_port, process
from bench.product import PATH, ROOT, serving

TITLE = "a rep's line to the reply in the simulator's chat at 20 lines/s"
RATE = 20
ECHO = "bare echo bot"
PATIENCE_SECONDS = 15
CHUNK = 10
"""Seconds one bot has the machine before it is the other's turn."""


def run(plan: Plan) -> Iterator[Figure]:
    """Both bots in the same chat with the same lines, in turns of ten seconds, each with a simulator of its own."""
    turns = 1 if plan.quick else 3
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    lost = 0
    with company() as of, product_in_chat(of) as product, _echo() as echo:
        for _ in range(turns):
            for simulator, found in ((echo, theirs), (product, ours)):
                ms, unanswered = asyncio.run(_Talk(of.reps).run(simulator, CHUNK))
                found.append(ms)
                lost += unanswered
    for what, share, limit in (("median", 0.5, 50.0), ("p99", 0.99, 300.0)):
        yield compare(
            "", f"line to reply at {RATE} lines/s, {what}", [percentile(ms, share) for ms in ours], "ms", against=ECHO,
            theirs=[percentile(ms, share) for ms in theirs], target=Target("<=", limit, "value"),
        )  # fmt: skip
    yield Figure("", "lines without a reply", lost, "", target=Target("<=", 0, "value"),
                 note=f"of {sum(map(len, ours)) + sum(map(len, theirs)) + lost}")  # fmt: skip


@contextlib.contextmanager
def product_in_chat(of: Company) -> Iterator[str]:
    """The product and its simulator on this company; the simulator's address."""
    port = free_port()
    with (
        _simulator(port) as simulator,
        serving(of.url, of.folder, core=SERVER_CORE, port=port, vendor=simulator),
    ):
        yield simulator


@contextlib.contextmanager
def _echo() -> Iterator[str]:
    port = free_port()
    with _simulator(port) as simulator:
        command = [sys.executable, "-m", "bench.servers.echo_bot", str(port), f"{simulator}/feishu"]
        with process(command, port=port, core=SERVER_CORE, env={"PYTHONPATH": str(ROOT)}):
            yield simulator


@contextlib.contextmanager
def _simulator(callback_port: int) -> Iterator[str]:
    port = free_port()
    callback = f"http://127.0.0.1:{callback_port}{PATH}"
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--callback", callback]
    with process(command, port=port, core=LOAD_CORE, env={"PYTHONPATH": str(ROOT)}):
        yield f"http://127.0.0.1:{port}"


class _Talk:
    """Reps who type in turn, and one watcher of the page's live stream. Replies of a chat come in order."""

    def __init__(self, reps: tuple[Rep, ...]) -> None:
        self._reps = reps
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)
        self._ms: list[float] = []

    async def run(self, simulator: str, seconds: int) -> tuple[list[float], int]:
        """Milliseconds of every reply, and how many lines got none."""
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{simulator}/sim/state") as answer:
                chats = (await answer.json())["chats"]
            home = {m: c["id"] for c in chats if c["kind"] == "p2p" for m in c["members"]}
            watching = asyncio.create_task(self._watch(http, simulator))
            for rep in self._reps:
                await self._say(http, simulator, rep.id, home[rep.id], "帮助")
            await self._all_answered()
            await asyncio.sleep(1)
            self._asked.clear()
            self._ms.clear()
            start = time.perf_counter()
            for n in range(RATE * seconds):
                await asyncio.sleep(max(0.0, start + n / RATE - time.perf_counter()))
                rep = self._reps[n % len(self._reps)]
                customer = rep.customers[n // len(self._reps) % len(rep.customers)]
                await self._say(http, simulator, rep.id, home[rep.id], f"录单 {customer} CT机 {100 + n % 80}万")
            await self._all_answered()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        return self._ms, sum(map(len, self._asked.values()))

    async def _say(self, http: aiohttp.ClientSession, simulator: str, user: str, chat: str, line: str) -> None:
        self._asked[chat].append(time.perf_counter())
        said = {"user": user, "chat": chat, "text": line}
        async with http.post(f"{simulator}/sim/say", json=said) as answer:
            assert answer.status < 300, await answer.text()

    async def _watch(self, http: aiohttp.ClientSession, simulator: str) -> None:
        async with http.get(f"{simulator}/sim/events", timeout=aiohttp.ClientTimeout(None)) as stream:
            async for line in stream.content:
                if line.startswith(b'data: {"type": "message"'):
                    self._seen(orjson.loads(line.removeprefix(b"data: "))["message"])

    def _seen(self, message: dict[str, object]) -> None:
        sender, asked = message["sender"], self._asked[str(message["chat"])]
        if isinstance(sender, dict) and sender["kind"] == "bot" and asked:
            self._ms.append((time.perf_counter() - asked.popleft()) * 1000)

    async def _all_answered(self) -> None:
        until = time.perf_counter() + PATIENCE_SECONDS
        while any(self._asked.values()) and time.perf_counter() < until:
            await asyncio.sleep(0.01)
