"""GET and POST /sim/clock: moves the simulator, and the bot, from due instant to due instant."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from simulator.control.desk import DESK, Desk, reply
from simulator.vendor import Json, Refused

STEP_SECONDS = 120.0
ASK_SECONDS = 2.0
SAME = timedelta(milliseconds=500)
MAX_ADVANCE = timedelta(days=3660)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")


class Clockwork:
    """Moves the clocks; one move at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client towards the bot and take over its business time."""
        if self._desk.parts.options.control:
            self._session = aiohttp.ClientSession()
            try:
                state = await self._call("GET", None, ASK_SECONDS)
                self._follow(state)
            except Refused:
                return

    async def stop(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def view(self) -> Json:
        """The time, and the next thing that is due in the bot or in the simulator."""
        return {"now": self._desk.parts.clock.iso(), "next_due": await self.next_due()}

    async def next_due(self) -> Json | None:
        """The earlier of the bot's next due instant and the next thing a vendor does."""
        found = [due for due in (self._own_due(), await self._bot_due()) if due is not None]
        return min(found, key=lambda due: datetime.fromisoformat(due["at"]), default=None)

    async def advance(self, span: timedelta) -> Json:
        """Move on by `span`, stopping at each due instant on the way."""
        async with self._lock:
            clock = self._desk.parts.clock
            target = clock.now() + span
            while True:
                due = self._desk.next_due()
                stop = min(target, due.at) if due is not None else target
                await self._move(max(stop, clock.now()))
                await self._desk.settle()
                if stop >= target:
                    break
        shown = await self.view()
        self._desk.parts.feed.publish("clock", **shown)
        return shown

    async def _move(self, target: datetime) -> None:
        clock = self._desk.parts.clock
        if self._session is not None:
            state = await self._call("GET", None, ASK_SECONDS)
            while True:
                self._go_ahead(state, target)
                state = await self._call("POST", {"to": target.isoformat(), "step": True}, STEP_SECONDS)
                self._follow(state)
                self._desk.parts.feed.publish("clock", now=clock.iso(), next_due=_due(state))
                if state.get("done", True):
                    break
        if clock.now() < target:
            clock.move_to(target)

    def _go_ahead(self, state: Json, target: datetime) -> None:
        """Be at the bot's next due instant before it acts: what it then sends carries that time."""
        due = _due(state)
        clock = self._desk.parts.clock
        instant = min(target, datetime.fromisoformat(due["at"])) if due else target
        if instant - clock.now() > SAME:
            clock.move_to(instant)

    def _follow(self, state: Json) -> None:
        try:
            now = datetime.fromisoformat(str(state["now"]))
        except (KeyError, ValueError) as error:
            raise Refused("助手的时钟没有答出时间", 502) from error
        clock = self._desk.parts.clock
        if abs(now - clock.now()) > SAME:
            clock.move_to(now)

    async def _bot_due(self) -> Json | None:
        if self._session is None:
            return None
        try:
            state = await self._call("GET", None, ASK_SECONDS)
            if not self._lock.locked():
                self._follow(state)
        except Refused:
            return None
        return _due(state)

    def _own_due(self) -> Json | None:
        due = self._desk.next_due()
        return None if due is None else {"at": due.at.isoformat(), "label": due.label}

    async def _call(self, method: str, body: Json | None, seconds: float) -> Json:
        assert self._session is not None
        url = f"{(self._desk.parts.options.control or '').rstrip('/')}/control/clock"
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._session.request(method, url, json=body, timeout=limit) as response:
                state: Any = await response.json(content_type=None)
                if response.status != 200 or not isinstance(state, dict):
                    raise Refused(f"助手的时钟没有走成（HTTP {response.status}）", 502)
                return state
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Refused("连不上助手的时钟", 502) from error


CLOCKWORK = web.AppKey("clockwork", Clockwork)


async def clock(request: web.Request) -> web.StreamResponse:
    """GET tells the time, POST {"advance": "48h"} moves it."""

    async def work(body: Json) -> Json:
        clockwork = request.app[CLOCKWORK]
        if request.method == "GET":
            return await clockwork.view()
        return await clockwork.advance(_span(body, request.app[DESK]))

    return await reply(request, work)


def _span(body: Json, desk: Desk) -> timedelta:
    if "to" in body:
        try:
            target = datetime.fromisoformat(str(body["to"]))
            span = target - desk.parts.clock.now()
        except (ValueError, TypeError) as error:
            raise Refused("to 要是带时区的时间，如 2026-11-21T09:00:00+08:00") from error
    else:
        span = parse_span(body.get("advance"))
    if not timedelta(0) <= span <= MAX_ADVANCE:
        raise Refused("时钟只能往前走，最多十年")
    return span


def parse_span(value: Any) -> timedelta:
    """A span like "48h", "30m", "7d", or a number of seconds."""
    match = None if isinstance(value, bool) else _SPAN.fullmatch(str(value).strip())
    if match is None:
        raise Refused("advance 要写成 48h、30m、7d 或秒数")
    try:
        return timedelta(**{_UNITS[match[2] or "s"]: float(match[1])})
    except OverflowError as error:
        raise Refused("时钟只能往前走，最多十年") from error


def _due(state: Json) -> Json | None:
    due = state.get("next")
    return {"at": due.get("at"), "label": due.get("label", "")} if isinstance(due, dict) else None
