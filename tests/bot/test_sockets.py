"""Connections are kept alive, exclusive ones under a lease; whoever does not hold it leaves their chats alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.clock import Clock
from bot.platforms.base import Socket
from bot.sockets import Sockets
from bot.writer import Writer
from storage.engine import Store

BEAT = 0.05


class Line:
    """A connection that stays until it is told to end."""

    def __init__(self) -> None:
        self.live = 0
        self.most = 0
        self.runs = 0
        self.end = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        self.live += 1
        self.most = max(self.most, self.live)
        try:
            await self.end.wait()
        finally:
            self.live -= 1


@asynccontextmanager
async def running(store: Store, socket: Socket, count: int = 1) -> AsyncIterator[list[Sockets]]:
    """So many processes that all want the connection."""
    writers = [Writer(store, Clock()) for _ in range(count)]
    for writer in writers:
        writer.start()
    kept = [Sockets(store, writer, [("wecom", socket)], renew_seconds=BEAT) for writer in writers]
    for sockets in kept:
        sockets.start()
    try:
        yield kept
    finally:
        for sockets in kept:
            await sockets.stop()
        for writer in writers:
            await asyncio.to_thread(writer.stop)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(BEAT / 5)


async def test_an_exclusive_connection_lives_in_one_process_and_moves_when_that_one_stops(store: Store) -> None:
    line = Line()
    async with running(store, Socket("wecom-bot", line.run, exclusive=True, chats="bot:"), count=2) as kept:
        await until(lambda: line.live == 1)
        await asyncio.sleep(BEAT * 4)
        assert line.most == 1
        holder = next(one for one in kept if not one.not_here())
        other = next(one for one in kept if one is not holder)
        assert list(other.not_here()) == ["out:wecom:bot:"]

        await holder.stop()
        await until(lambda: not other.not_here())
        await until(lambda: line.live == 1)

    assert line.most == 1
    assert line.live == 0


async def test_a_connection_that_ends_by_itself_is_made_again(store: Store) -> None:
    line = Line()
    line.end.set()
    async with running(store, Socket("x", line.run, exclusive=True)):
        await until(lambda: line.runs >= 3)


async def test_a_shared_connection_runs_everywhere_and_keeps_no_chat_back(store: Store) -> None:
    line = Line()
    async with running(store, Socket("dingtalk", line.run), count=2) as kept:
        await until(lambda: line.live == 2)
        assert [list(one.not_here()) for one in kept] == [[], []]

    assert line.live == 0


async def test_a_connection_that_breaks_is_logged_and_made_again(store: Store) -> None:
    runs = 0

    async def broken() -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("odd")

    async with running(store, Socket("x", broken)):
        await until(lambda: runs >= 2)
