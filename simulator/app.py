"""Puts one simulator together; a test starts as many as it likes in its own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from simulator.calls import CallLog
from simulator.clock import Clock
from simulator.company import load_company
from simulator.control import routes as control_routes
from simulator.control.clockwork import CLOCKWORK, Clockwork
from simulator.control.desk import DESK, Desk
from simulator.faults import Faults
from simulator.feed import Feed
from simulator.feishu import routes as feishu_routes
from simulator.feishu.http import FEISHU
from simulator.feishu.line import Line
from simulator.feishu.platform import Feishu
from simulator.feishu.sender import Sender
from simulator.ids import Ids
from simulator.options import Options
from simulator.world import World

MAX_BODY = 256 * 1024 * 1024


def make_app(options: Options | None = None) -> web.Application:
    """A simulator ready to be served; it works while the application runs."""
    options = options or Options()
    company, clock = load_company(options.company), options.clock or Clock()
    feed, ids = Feed(), Ids(options.seed)
    world, calls = World(company, clock, feed, ids), CallLog(feed)
    feishu = Feishu(company, clock, ids, feed, world, calls, Faults(), options.max_tables)
    line = Line(company.app, clock, calls, options.callback)
    desk = Desk(options, feishu, line, Sender(feishu, line, options.retry_scale))
    app = web.Application(client_max_size=MAX_BODY)
    app[FEISHU], app[DESK], app[CLOCKWORK] = feishu, desk, Clockwork(desk)
    feishu_routes.add_routes(app)
    control_routes.add_routes(app)
    app.cleanup_ctx.append(_working)
    app.on_shutdown.append(_end_streams)
    return app


async def _working(app: web.Application) -> AsyncIterator[None]:
    desk, clockwork = app[DESK], app[CLOCKWORK]
    await desk.line.start()
    await clockwork.start()
    tasks = [asyncio.create_task(desk.sender.run())]
    if desk.options.verify_on_start:
        tasks.append(asyncio.create_task(_verify(desk)))
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await desk.sender.stop()
    await clockwork.stop()
    await desk.line.stop()


async def _verify(desk: Desk) -> None:
    await desk.sender.verify()


async def _end_streams(app: web.Application) -> None:
    app[DESK].feishu.feed.close()
