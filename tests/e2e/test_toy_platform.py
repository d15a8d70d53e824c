"""A fourth platform: one folder (tests/toy), one line of the registry, and deals are logged on it.

Its story is docs/howto/platform.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import MovableClock
from bot.main import Bot, build, running
from bot.platforms import registry
from bot.platforms.registry import load_settings
from bot.server import admin_app, public_app
from cards.samples import SAMPLES
from storage.types import to_us
from tests import toy
from tests.support.house import THURSDAY, import_demo
from tests.support.stores import sqlite_url

SECRET = "s3cret"
FOLDER = Path(toy.__file__).parent


@dataclass
class Vendor:
    """The toy's vendor: one chat, whose messages can be redrawn; `fails` are the statuses of its next answers."""

    mobiles: dict[str, str]
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)

    def app(self) -> web.Application:
        """Its open API."""
        app = web.Application()
        app.router.add_get("/people/{who}", self._person)
        app.router.add_post("/messages", self._say)
        app.router.add_put("/messages/{id}", self._redraw)
        return app

    def texts(self) -> list[str]:
        """What stands in the chat, oldest first."""
        return [str(message["text"]) for message in self.shown.values()]

    async def _person(self, request: web.Request) -> web.Response:
        mobile = self.mobiles.get(request.match_info["who"])
        return web.json_response({"mobile": mobile}) if mobile else web.Response(status=404)

    async def _say(self, request: web.Request) -> web.Response:
        assert request.headers["X-Secret"] == SECRET
        if self.fails:
            return web.Response(status=self.fails.pop(0))
        message = await request.json()
        self.keys.append(message["key"])
        name = f"t{len(self.keys)}"
        self.shown[name] = message
        return web.json_response({"id": name})

    async def _redraw(self, request: web.Request) -> web.Response:
        self.shown[request.match_info["id"]] |= await request.json()
        return web.json_response({})


@dataclass
class Chat:
    """李雷 on the toy."""

    bot: Bot
    vendor: Vendor
    callback: str
    http: aiohttp.ClientSession
    events: int = 0

    async def tells(self, secret: str = SECRET, **what: Any) -> int:
        """One event of the vendor; returns its status when the bot has nothing left to do."""
        self.events += 1
        body = {"id": f"e{self.events}", "who": "lilei", **what}
        async with self.http.post(self.callback, json=body, headers={"X-Secret": secret}) as answer:
            status = answer.status
        await self.bot.ticker._drained()
        return status

    async def presses(self, label: str) -> None:
        """The newest button with this label."""
        found = [
            (on, do) for on, message in self.vendor.shown.items() for name, do in message["buttons"] if name == label
        ]
        on, do = found[-1]
        await self.tells(on=on, do=do)


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    monkeypatch.setitem(registry.KINDS, "toy", toy.KIND)  # the one line
    vendor = Vendor({"lilei": "13800010003"})
    async with TestServer(vendor.app()) as there, aiohttp.ClientSession() as http:
        settings = load_settings(
            database_url=sqlite_url(tmp_path),
            data_dir=tmp_path,
            toy={"api_base": str(there.make_url("")).rstrip("/"), "secret": SECRET},
        )
        bot = build(settings, clock=MovableClock(to_us(THURSDAY)))
        async with running(bot), TestServer(public_app(bot)) as here:
            await import_demo(bot, ("teams", "members", "customers"))
            yield Chat(bot, vendor, str(here.make_url("/callback/toy")), http)


def test_the_folder_is_small() -> None:
    assert sum(len(file.read_text("utf-8").splitlines()) for file in FOLDER.glob("*.py")) < 150


async def test_every_card_is_drawn_for_it_in_the_gallery(chat: Chat) -> None:
    async with TestServer(admin_app(chat.bot)) as admin:
        cards = await (await chat.http.get(admin.make_url("/gallery.json"))).json()

    assert [[message["platform"] for message in card["messages"]] for card in cards] == [["toy"]] * len(SAMPLES)
    assert all(card["messages"][0]["message"]["text"] for card in cards)


async def test_a_line_becomes_a_deal_and_its_card_changes_when_it_is_taken_back_R_QE_1_R_UNDO(chat: Chat) -> None:
    await chat.tells(text="录单 华东医疗 CT机 120万")

    [card] = chat.vendor.texts()
    assert card.splitlines()[:2] == ["【已录单 #1 华东医疗】 1 线索确认", "120.00 万"]

    await chat.presses("撤销")

    assert "已撤销 #1 华东医疗" in chat.vendor.texts()[0]


async def test_a_question_is_answered_by_a_press_R_QE_3(chat: Chat) -> None:
    await chat.tells(text="录单 华东医疗 CT机 一百二")
    await chat.presses("120.00 万")

    assert any("已录单 #1 华东医疗" in text for text in chat.vendor.texts())


async def test_an_event_that_comes_twice_is_one_deal(chat: Chat) -> None:
    for _ in range(2):
        await chat.tells(text="录单 华东医疗 CT机 120万", id="same")

    assert len(chat.vendor.texts()) == 1


async def test_refused_sends_are_tried_again_with_the_same_key(chat: Chat) -> None:
    chat.vendor.fails = [429, 429]
    await chat.tells(text="录单 华东医疗 CT机 120万")

    assert (len(chat.vendor.texts()), chat.vendor.fails) == (1, [])


@pytest.mark.parametrize(
    "odd", [{"text": 1}, {"id": ""}, {"on": "t1", "do": ["deal.undo"]}, {"who": None, "text": "帮助"}]
)
async def test_odd_events_are_acknowledged_without_effect(chat: Chat, odd: dict[str, Any]) -> None:
    assert await chat.tells(**odd) == 200
    assert chat.vendor.texts() == []


async def test_events_under_another_secret_are_refused(chat: Chat) -> None:
    assert await chat.tells(secret="guess", text="录单 华东医疗 CT机 120万") == 401
    assert chat.vendor.texts() == []
