"""The card gallery: every card as each platform shows it, only for those who build them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.platforms.feishu.render import render
from bot.platforms.registry import KINDS
from cards.samples import SAMPLES
from tests.support.house import open_house
from tests.support.stores import sqlite_url
from web import gallery
from web.gallery import Face

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> object:
    app = web.Application()
    gallery.add_routes(app, [Face("feishu", "", render), Face("paper", "群", lambda card: {"blocks": len(card)})])
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_page_draws_with_the_simulator_it_was_told_and_loads_nothing_else(client: Client) -> None:
    answer = await client.get("/gallery?draw=http://127.0.0.1:9999")

    assert answer.status == 200
    assert 'data-draw="http://127.0.0.1:9999"' in await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self' http://127.0.0.1:9999;")


@pytest.mark.parametrize("draw", ["http://evil.example", "https://127.0.0.1:1", "javascript:alert(1)", ""])
async def test_page_draws_with_nobody_elses_script(client: Client, draw: str) -> None:
    answer = await client.get("/gallery", params={"draw": draw})

    assert answer.status == 400


async def test_name_of_the_simulator_is_never_markup(client: Client) -> None:
    answer = await client.get("/gallery", params={"draw": 'http://127.0.0.1:1"><script>'})

    assert answer.status in (200, 400)
    assert "<script>" not in (await answer.text()).replace('<script type="module"', "")
    assert "\n" not in answer.headers.get("Content-Security-Policy", "")


async def test_data_holds_every_sample_as_each_platform_shows_it(client: Client) -> None:
    cards = await (await client.get("/gallery.json")).json()

    assert [card["name"] for card in cards] == list(SAMPLES)
    feishu, paper = next(card for card in cards if card["name"] == "deal: fresh")["messages"]
    assert (feishu["platform"], feishu["chat"]) == ("feishu", "")
    assert json.loads(feishu["message"]["content"])["schema"] == "2.0"
    assert paper == {"platform": "paper", "chat": "群", "message": {"blocks": len(SAMPLES["deal: fresh"])}}


@pytest.mark.parametrize(("name", "kind"), [("gallery.js", "text/javascript"), ("gallery.css", "text/css")])
async def test_script_and_style_are_served(client: Client, name: str, kind: str) -> None:
    answer = await client.get(f"/{name}")

    assert (answer.status, answer.content_type) == (200, kind)


async def test_every_kind_of_chat_of_each_platform_that_is_on_shows_cards_as_they_are_sent_there(
    tmp_path: Path,
) -> None:
    async with open_house(sqlite_url(tmp_path), tmp_path, kinds=(), platforms=tuple(KINDS)) as house:
        cards = await (await house.http.get(house.admin + "/gallery.json")).json()

    fresh = next(card for card in cards if card["name"] == "deal: fresh")["messages"]
    shown = {(message["platform"], message["chat"]): message["message"] for message in fresh}
    assert list(shown) == [(name, chat) for name, kind in KINDS.items() for chat in kind.chats]
    assert "button_list" in shown["wecom", "app"]["template_card"]
    assert shown["wecom", "appchat"]["msgtype"] == "markdown"
