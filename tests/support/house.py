"""The whole house in one test process: the bot, the simulator, and people who type and click over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from sqlalchemy import text

from bot.clock import MovableClock
from bot.commands.demo import KIND_OF, SEED
from bot.commands.demo_company import COMPANY, bind_people, settings_of
from bot.commands.import_ import CHUNK, _table
from bot.commands.ordering import _inbound, _worked_off
from bot.main import Bot, build
from bot.platforms.registry import load_settings
from bot.server import admin_app, public_app
from config.settings import Settings
from sales.imports import check_rows
from simulator.app import make_app
from simulator.options import Options
from storage import outbox
from storage.types import to_us

MERGE_GAP_MS = 100
THURSDAY = datetime(2026, 11, 19, 9, 10, tzinfo=timezone(timedelta(hours=8)))


def settings_for(url: str, folder: Path, **feishu: Any) -> Settings:
    """Settings of a bot whose Feishu app is the simulator's."""
    app = orjson.loads(COMPANY.read_bytes())["feishu"]
    keys = {name: app[name] for name in ("app_id", "app_secret", "encrypt_key", "verification_token")}
    return load_settings(database_url=url, data_dir=folder, feishu={**keys, **feishu})


@dataclass(slots=True)
class Person:
    """One person of the demo company, in their direct chat unless told otherwise."""

    house: House
    id: str
    chat: str

    async def says(self, text: str, *, chat: str = "", **more: Any) -> dict[str, Any]:
        """Type a line; returns when the bot has nothing left to do."""
        sent = await self.house.post("/sim/say", {"user": self.id, "chat": chat or self.chat, "text": text, **more})
        await self.house.quiet()
        return sent

    async def clicks(self, button: str, *, message_id: str = "", chat: str = "") -> dict[str, Any]:
        """Press a button of a message, or of the newest card that has it."""
        where = {"message_id": message_id} if message_id else {"chat": chat or self.chat}
        done = await self.house.post("/sim/click", {"user": self.id, "button": button, **where})
        await self.house.quiet()
        return done

    async def sees(self, *, chat: str = "") -> list[dict[str, Any]]:
        """The bot's messages in the chat, oldest first."""
        found = await self.house.get(f"/sim/messages?chat={chat or self.chat}")
        return [m for m in found["messages"] if m["sender"]["kind"] == "bot"]

    async def last(self, *, chat: str = "") -> str:
        """All words of the bot's newest message."""
        messages = await self.sees(chat=chat)
        return words_of(messages[-1]) if messages else ""


@dataclass(slots=True)
class House:
    """A running bot, a running simulator, and the clock of both."""

    bot: Bot
    clock: MovableClock
    simulator: str
    callback: str
    admin: str
    http: aiohttp.ClientSession
    state: dict[str, Any]
    unacknowledged: bool = False
    stored: int = 0

    def person(self, name: str, platform: str = "", face: str = "app") -> Person:
        """李雷, 王芳 ... by name, where they live or on this platform; `face` tells WeCom's app and smart bot apart."""
        who = next(p for p in self.state["people"] if p["name"] == name)
        mine = [c for c in self.state["chats"] if c["kind"] == "p2p" and who["id"] in c["members"]]
        home = who.get("platform", "feishu")
        chat = next(c for c in mine if c["platform"] == (platform or home) and c["face"] in ("", face))
        return Person(self, who["id"], chat["id"])

    def group(self, name: str) -> str:
        """Chat id of a group by its name."""
        return str(next(c["id"] for c in self.state["chats"] if c["name"] == name))

    async def raw_click(self, who: Person, message_id: str, button: dict[str, Any], *, event_id: str) -> None:
        """A card callback of one's own making: a forwarded card, a replay, an old button."""
        app = orjson.loads(COMPANY.read_bytes())["feishu"]
        person = next(p for p in self.state["people"] if p["id"] == who.id)
        header = {
            "event_id": event_id, "token": app["verification_token"], "event_type": "card.action.trigger",
            "app_id": app["app_id"], "tenant_key": app["tenant_key"], "create_time": str(self.clock.business_us()),
        }  # fmt: skip
        event = {
            "operator": {"open_id": person["open_id"]}, "token": "c-" + "0" * 40, "host": "im_message",
            "action": {"tag": "button", "value": button},
            "context": {"open_message_id": message_id, "open_chat_id": who.chat},
        }  # fmt: skip
        await self.post("/sim/deliver", {"event": {"schema": "2.0", "header": header, "event": event}})
        await self.quiet()

    async def later(self, span: str) -> None:
        """Move both clocks, from due instant to due instant."""
        await self.post("/sim/clock", {"advance": span})
        await self.quiet()

    async def quiet(self) -> None:
        """Returns when inbox and outbox are drained."""
        if self.unacknowledged:
            await self._arrived()
        await self.bot.ticker._drained()
        if self.unacknowledged:
            self.stored = await asyncio.to_thread(self._stored)

    async def _arrived(self) -> None:
        """A smart bot's socket acknowledges nothing: wait until something more is stored, but not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while await asyncio.to_thread(self._stored) <= self.stored:
                    await asyncio.sleep(0.01)

    def _stored(self) -> int:
        with self.bot.store.snapshot() as conn:
            return int(conn.execute(text("SELECT COUNT(*) FROM inbox")).scalar() or 0)

    async def post(self, path: str, data: Any) -> Any:
        """A call of the simulator's control API."""
        async with self.http.post(self.simulator + path, json=data) as answer:
            assert answer.status < 300, (path, answer.status, await answer.text())
            return await answer.json()

    async def get(self, path: str) -> Any:
        """A read of the simulator's control API."""
        async with self.http.get(self.simulator + path) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.json()

    async def calls(self, path: str) -> list[dict[str, Any]]:
        """API calls the simulator received on paths containing this, oldest first."""
        found = await self.get("/sim/calls?limit=500")
        return [c for c in found["calls"] if c["direction"] == "in" and path in c["path"]]


@contextlib.asynccontextmanager
async def open_house(
    url: str,
    folder: Path,
    *,
    kinds: tuple[str, ...] = ("teams", "members", "customers"),
    lease_ms: int = 15_000,
    only: str = "",
    start: datetime = THURSDAY,
    merge_gap_ms: int = MERGE_GAP_MS,
    platforms: tuple[str, ...] = ("feishu",),
    modes: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
    retry_scale: float = 1.0,
    **feishu: Any,
) -> AsyncIterator[House]:
    """Start everything, import the demo company's files, stop everything. Nothing sleeps, nothing is mocked.

    `merge_gap_ms` is what stands for the three machine seconds in which redraws of a card become one. On another
    platform than Feishu people are bound from the start; `modes` says webhook or socket, `more` further settings;
    the vendors' waits between two deliveries of an event are divided by `retry_scale`.
    """
    clock = MovableClock(to_us(start))
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(setattr, outbox, "MERGE_GAP_MS", outbox.MERGE_GAP_MS)
        outbox.MERGE_GAP_MS = merge_gap_ms
        public, callback_port = await _reserve(stack)
        admin, admin_port = await _reserve(stack)
        base = f"http://127.0.0.1:{callback_port}"
        options = Options(
            callback=f"{base}/callback/feishu",
            callback_base=base,
            vendors=platforms,
            modes=modes or {},
            control=f"http://127.0.0.1:{admin_port}",
            retry_scale=retry_scale,
        )
        simulator_port = await _serve(stack, make_app(options))
        simulator = f"http://127.0.0.1:{simulator_port}"
        keys = settings_of(simulator, platforms, modes)
        if feishu:
            keys["feishu"] |= feishu
        if "dingtalk" in platforms and (modes or {}).get("dingtalk") != "socket":
            more = {"public_url": base, **(more or {})}  # without one its cards could not be pressed
        settings = load_settings(database_url=url, data_dir=folder, **{**keys, **(more or {})})
        bot = build(settings, clock=clock, lease_ms=lease_ms, only=only)
        public.app, admin.app = public_app(bot), admin_app(bot)
        await _start(stack, public)
        await _start(stack, admin)
        await bot.start()
        stack.push_async_callback(bot.stop)
        await import_demo(bot, kinds)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        async with http.get(f"{simulator}/sim/state") as answer:
            state = await answer.json()
        if platforms != ("feishu",):
            await bind_people(bot, state["people"])
        house = House(bot, clock, simulator, options.callback, options.control or "", http, state)
        house.unacknowledged = (modes or {}).get("wecom") == "socket"
        house.stored = house._stored()
        yield house


async def import_demo(bot: Bot, kinds: tuple[str, ...]) -> None:
    """The demo company's files through the real import, inside the running bot."""
    for name in kinds:
        file, kind = SEED / f"{name}.csv", KIND_OF.get(name, name)
        table = _table(file, file.read_bytes())
        good, refused = check_rows(kind, table[0], table[1:])
        assert not refused
        for at in range(0, len(good), CHUNK):
            rows = [{"key": row.key, "values": dict(row.values)} for row in good[at : at + CHUNK]]
            args = {"kind": kind, "file": name, "chunk": at, "rows": rows, "by": "cli:test"}
            order = _inbound("import", args, bot.clock.business_us())
            await bot.writer.receive(order)
            bot.wakeup.wake("inbox")
            await _worked_off(bot, order)


def button_of(message: dict[str, Any], label: str) -> dict[str, Any]:
    """What a card's button with this label sends back."""
    found: list[dict[str, Any]] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("tag") == "button" and part["text"]["content"] == label:
                found.append(part["behaviors"][0]["value"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(message["card"])
    return found[0]


def words_of(message: dict[str, Any]) -> str:
    """Every visible word of a message, joined by blanks."""
    if not message["card"]:
        return str(message["text"] or "")
    if "schema" not in message["card"]:
        return " ".join(_leaves(message["card"]))
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("tag") in ("plain_text", "markdown", "lark_md"):
                found.append(str(part["content"]))
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk({key: value for key, value in message["card"].items() if key != "config"})
    return " ".join(found)


def _leaves(part: Any) -> list[str]:
    """Every text of a WeCom or DingTalk card; DingTalk keeps JSON in texts."""
    if isinstance(part, dict):
        return [word for value in part.values() for word in _leaves(value)]
    if isinstance(part, list):
        return [word for value in part for word in _leaves(value)]
    if isinstance(part, str) and part[:1] in ("{", "["):
        return _leaves(orjson.loads(part))
    return [part] if isinstance(part, str) else []


class _Site:
    """A port that is known before its app exists."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.app: web.Application | None = None


async def _reserve(stack: contextlib.AsyncExitStack) -> tuple[_Site, int]:
    import socket

    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    stack.callback(sock.close)
    return _Site(sock), sock.getsockname()[1]


async def _start(stack: contextlib.AsyncExitStack, site: _Site) -> None:
    assert site.app is not None
    runner = web.AppRunner(site.app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, site.sock).start()


async def _serve(stack: contextlib.AsyncExitStack, app: web.Application) -> int:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await asyncio.sleep(0)
    return int(runner.addresses[0][1])
