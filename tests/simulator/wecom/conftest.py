"""A simulated WeCom and a stand-in for the bot, for every test of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.app import make_app
from simulator.clock import Clock
from simulator.control.desk import DESK
from simulator.options import Options
from simulator.wecom.vendor import WecomVendor
from tests.simulator.wecom.helpers import Bot, Sim

Start = Callable[..., Awaitable[Sim]]


class StillClock(Clock):
    """A clock whose machine time moves only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0

    def machine(self) -> float:
        return self.seconds


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """The stand-in for the bot, listening."""
    stand_in = Bot()
    app = web.Application()
    for name, handler in (("app", stand_in.app), ("bot", stand_in.bot)):
        app.router.add_get(f"/callback/wecom/{name}", stand_in.verify)
        app.router.add_post(f"/callback/wecom/{name}", handler)
    async with TestServer(app) as server:
        stand_in.base = str(server.make_url("")).rstrip("/")
        yield stand_in


@pytest.fixture
async def start(bot: Bot) -> AsyncIterator[Start]:
    """Starts simulators with the options a test wants."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> Sim:
            made = make_app(
                Options(**{"callback_base": bot.base, "vendors": ("wecom",), "retry_scale": 100.0, **options})
            )
            server = await stack.enter_async_context(TestServer(made))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            vendor = made[DESK].vendors["wecom"]
            assert isinstance(vendor, WecomVendor)
            return Sim(vendor, str(server.make_url("")).rstrip("/"), http)

        yield begin


@pytest.fixture
async def sim(start: Start) -> Sim:
    """A simulator with default options."""
    return await start()


@pytest.fixture
def still_clock() -> StillClock:
    """A clock whose machine time the test moves."""
    return StillClock()
