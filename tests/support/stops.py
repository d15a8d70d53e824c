"""A house whose bot is stopped for hours, while the simulator and its chats stay. R-TIME-6."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import MovableClock
from bot.main import build, running
from bot.server import admin_app, public_app
from simulator.app import make_app
from simulator.clock import Clock
from simulator.options import Options
from storage import outbox
from storage.types import to_us
from tests.support import house
from tests.support.house import MERGE_GAP_MS, THURSDAY, House

KINDS = ("teams", "members", "customers")
ROUNDS = 4
"""What was due, what that made due, and what that made due."""


@contextlib.asynccontextmanager
async def stopped(
    url: str, folder: Path, before: Callable[[House], Awaitable[object]], *, hours: float
) -> AsyncIterator[House]:
    """The house after `before`, a stop of the bot for so many hours, and the handling of what was due meanwhile."""
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(setattr, outbox, "MERGE_GAP_MS", outbox.MERGE_GAP_MS)
        outbox.MERGE_GAP_MS = MERGE_GAP_MS
        public, admin = _free(), _free()
        clock = Clock(THURSDAY)
        options = Options(
            callback=f"http://127.0.0.1:{public}/callback/feishu", control=f"http://127.0.0.1:{admin}", clock=clock
        )
        port = await house._serve(stack, make_app(options))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        place = _Place(url, folder, public, admin, f"http://127.0.0.1:{port}", http)
        async with place.open(THURSDAY) as first:
            await house.import_demo(first.bot, KINDS)
            await before(first)
            back_at = first.clock.business() + timedelta(hours=hours)
        clock.move_to(back_at)
        async with place.open(back_at) as second:
            for _ in range(ROUNDS):
                await second.bot.ticker.tick()
                await second.quiet()
            yield second


class _Place:
    """Where each of the two bots runs."""

    def __init__(
        self, url: str, folder: Path, public: int, admin: int, simulator: str, http: aiohttp.ClientSession
    ) -> None:
        self._url, self._folder, self._public, self._admin = url, folder, public, admin
        self._simulator, self._http = simulator, http

    @contextlib.asynccontextmanager
    async def open(self, start: datetime) -> AsyncIterator[House]:
        """A bot that comes up at this business instant, until it is stopped."""
        clock = MovableClock(to_us(start))
        settings = house.settings_for(self._url, self._folder, api_base=f"{self._simulator}/feishu")
        async with contextlib.AsyncExitStack() as stack:
            bot = build(settings, clock=clock)
            for app, port in ((public_app(bot), self._public), (admin_app(bot), self._admin)):
                runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
                await runner.setup()
                stack.push_async_callback(runner.cleanup)
                await web.TCPSite(runner, "127.0.0.1", port).start()
            await stack.enter_async_context(running(bot))
            callback, admin = f"http://127.0.0.1:{self._public}", f"http://127.0.0.1:{self._admin}"
            yield House(bot, clock, self._simulator, callback, admin, self._http, await self._state())

    async def _state(self) -> dict[str, Any]:
        async with self._http.get(f"{self._simulator}/sim/state") as answer:
            found: dict[str, Any] = await answer.json()
            return found


def _free() -> int:
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
