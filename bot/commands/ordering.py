"""How the command line changes something: it puts the same kind of row into the inbox as everybody, and works it
in its own process. Beside a running server the lane's fence decides who does."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from bot.clock import Clock
from bot.main import build
from config.settings import Settings
from storage import inbox, outbox
from storage.inbox import Inbound
from storage.outbox import Row

Order = tuple[str, Mapping[str, Any]]

WAIT_SECONDS = 60
POLL_SECONDS = 0.05


def operator() -> str:
    """The admin the command line acts as. R-ADM-1."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"


def run_orders(settings: Settings, orders: Iterable[Order], *, clock: Clock | None = None) -> list[dict[str, Any]]:
    """Each order's result, in order."""
    return asyncio.run(_run(settings, orders, clock or Clock()))


async def _run(settings: Settings, orders: Iterable[Order], clock: Clock) -> list[dict[str, Any]]:
    bot = build(settings, clock=clock)
    bot.writer.start()
    try:
        results = []
        for name, args in orders:
            row = _inbound(name, {**args, "by": operator()}, clock.business_us())
            await bot.writer.receive(row)
            async with asyncio.timeout(WAIT_SECONDS):
                results.append(await _worked_off(bot, row))
        await bot.ticker.seal()  # there may be no server that does it within the minute
        return results
    finally:
        await asyncio.to_thread(bot.writer.stop)
        bot.store.close()


async def _worked_off(bot: Any, row: Inbound) -> dict[str, Any]:
    while True:
        await bot.worker.work_off(row.lane)
        with bot.store.snapshot() as conn:
            reply: Row | None = outbox.reply_of(conn, row.id)
            waiting = inbox.has_waiting(conn, row.lane)
            dead = next((error for found, _, error in inbox.dead(conn) if found == row.id), "")
        if dead:
            raise RuntimeError(dead)
        if not waiting:
            return dict(orjson.loads(str(reply.args["text"]))) if reply else {}
        await asyncio.sleep(POLL_SECONDS)


def _inbound(name: str, args: Mapping[str, Any], now: int) -> Inbound:
    payload = orjson.dumps({"name": name, "args": args}, option=orjson.OPT_SORT_KEYS)
    unique = hashlib.sha256(payload + now.to_bytes(8, "big")).hexdigest()[:32]
    return Inbound(f"order:{unique}", f"in:order:{name}", "order", "", "", "", payload, now, now, 0)
