"""Two ports: the public one takes callbacks and pages, the admin one metrics, readiness and the movable clock."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from aiohttp import web

from bot import metrics, pages
from bot.clock import MovableClock
from bot.main import Bot
from bot.platforms.base import Platform
from bot.platforms.kinds import Example
from bot.platforms.registry import KINDS
from cards.blocks import Card
from cards.fit import fit
from config.settings import host_port
from scheduler.registry import LABELS
from storage import inbox, schema
from storage.tables import SCHEMA_VERSION
from storage.types import from_us, to_us
from web import gallery

BODY_BYTES = 1 << 20
QUEUE_AGE_SECONDS = 60
FRONT = "我是销售助手。回聊天里跟我说就行；要打开网页，在聊天里说「打开」，我发你链接。"
BOT = web.AppKey("bot", Bot)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class PortInUse(Exception):
    """Another process listens there; the text names the setting."""


def public_app(bot: Bot) -> web.Application:
    """Callbacks of every platform, pages, and /healthz."""
    app = web.Application(client_max_size=BODY_BYTES)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/", _front)
    if bot.receives:
        for platform in bot.platforms.values():
            for method, path, handler in platform.listen(bot.intake.accept):
                app.router.add_route(method, path, handler)
        pages.mount(app, bot.settings, store=bot.store, writer=bot.writer, clock=bot.clock, intake=bot.intake)
    return app


def admin_app(bot: Bot) -> web.Application:
    """For the operator; keep it away from the internet."""
    app = web.Application()
    app[BOT] = bot
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    if bot.clock.movable:
        app.router.add_get("/control/clock", _clock)
        app.router.add_post("/control/clock", _move_clock)
        gallery.add_routes(app, _faces(bot.platforms))
    return app


def _faces(platforms: Mapping[str, Platform]) -> list[gallery.Face]:
    """Every kind of chat of every platform that is on."""
    return [
        gallery.Face(name, chat, partial(_as_sent, platform, example))
        for name, platform in platforms.items()
        for chat, example in KINDS[name].chats.items()
    ]


def _as_sent(platform: Platform, to: Example, card: Card) -> Mapping[str, Any]:
    return platform.render(fit(card, platform.capabilities(to.chat, direct=to.direct)), to.chat)


async def listen(app: web.Application, where: str, setting: str) -> web.AppRunner:
    """Serve the app at HOST:PORT. Raises PortInUse with the setting's name."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    host, port = host_port(where)
    try:
        await web.TCPSite(runner, host, port, shutdown_timeout=5).start()
    except OSError as error:
        await runner.cleanup()
        raise PortInUse(f"{setting}: {where} is in use; stop the other program or choose another port.") from error
    return runner


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _front(request: web.Request) -> web.Response:
    """Where a platform insists on a link of its own for a card: what people want is in the chat."""
    return web.Response(text=FRONT, content_type="text/plain", charset="utf-8")


async def _readyz(request: web.Request) -> web.Response:
    """503 with each reason while it cannot do its job."""
    bot = request.app[BOT]
    reasons = await asyncio.to_thread(_reasons, bot)
    return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


def _reasons(bot: Bot) -> list[str]:
    reasons = [] if bot.ready else ["starting or stopping"]
    try:
        if schema.version(bot.store) != SCHEMA_VERSION:
            reasons.append("schema: run `dealdesk migrate`")
        with bot.store.snapshot() as conn:
            since = inbox.waiting_since(conn)
        if since is not None and bot.clock.business_us() - since > QUEUE_AGE_SECONDS * 1_000_000:
            reasons.append(f"queue age: the oldest event waits since {from_us(since).isoformat()}")
    except Exception as error:
        reasons.append(f"database: {type(error).__name__}")
    return reasons


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=metrics.text(), content_type="text/plain", charset="utf-8")


async def _clock(request: web.Request) -> web.Response:
    return _json(await asyncio.to_thread(_clock_state, request.app[BOT], done=True))


async def _move_clock(request: web.Request) -> web.Response:
    """{"advance": "48h"} or {"to": ISO}; with "step" true only to the next due instant. Forward only. R-TIME-4."""
    bot = request.app[BOT]
    assert isinstance(bot.clock, MovableClock)
    try:
        asked = orjson.loads(await request.read())
        target = _target(asked, bot.clock.business_us())
    except (ValueError, TypeError, KeyError, AttributeError):
        return _json({"error": "给 advance（如 48h）或 to（带时区的 ISO 时间）"}, status=400)
    done = await bot.ticker.step(target)
    while not done and not asked.get("step"):
        done = await bot.ticker.step(target)
    return _json(await asyncio.to_thread(_clock_state, bot, done=done))


def _target(asked: dict[str, Any], now: int) -> int:
    if "to" in asked:
        return to_us(datetime.fromisoformat(asked["to"]))
    span = str(asked["advance"])
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)\s*([smhd]?)", span)
    if not found:
        raise ValueError(span)
    return now + int(float(found[1]) * UNITS[found[2] or "s"] * 1_000_000)


def _clock_state(bot: Bot, *, done: bool) -> dict[str, Any]:
    due = bot.ticker.next_due()
    label = LABELS.get(due[1], "待发消息") if due else ""
    return {
        "now": from_us(bot.clock.business_us()).isoformat(),
        "done": done,
        "next": {"at": from_us(due[0]).isoformat(), "label": label} if due else None,
    }


def _json(data: Any, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), content_type="application/json", status=status)
