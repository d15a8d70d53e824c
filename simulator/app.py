"""Puts one simulator together; a test starts as many as it likes in its own process."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from simulator.calls import CallLog
from simulator.clock import Clock
from simulator.company import load_company
from simulator.control import routes
from simulator.control.clockwork import CLOCKWORK, Clockwork
from simulator.control.desk import DESK, Desk
from simulator.feed import Feed
from simulator.ids import Ids
from simulator.options import Options
from simulator.vendor import Parts
from simulator.vendors import make_vendors
from simulator.world import World

MAX_BODY = 256 * 1024 * 1024


def make_app(options: Options | None = None) -> web.Application:
    """A simulator ready to be served; it works while the application runs."""
    options = options or Options()
    company, clock = load_company(options.company, options.vendors), options.clock or Clock()
    feed, ids = Feed(), Ids(options.seed)
    parts = Parts(options, company, clock, ids, feed, World(company, clock, feed, ids), CallLog(feed))
    desk = Desk(parts, make_vendors(parts))
    app = web.Application(client_max_size=MAX_BODY)
    app[DESK], app[CLOCKWORK] = desk, Clockwork(desk)
    for vendor in desk.vendors.values():
        vendor.add_routes(app)
    routes.add_routes(app)
    app.cleanup_ctx.append(_working)
    app.on_shutdown.append(_end_streams)
    return app


async def _working(app: web.Application) -> AsyncIterator[None]:
    vendors, clockwork = list(app[DESK].vendors.values()), app[CLOCKWORK]
    await clockwork.start()
    for vendor in vendors:
        await vendor.start()
    yield
    await clockwork.stop()
    for vendor in reversed(vendors):
        await vendor.stop()


async def _end_streams(app: web.Application) -> None:
    app[DESK].parts.feed.close()
