"""A simulated DingTalk and a stand-in for the bot, for every test of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.app import make_app
from simulator.control.desk import DESK
from simulator.dingtalk.vendor import DingtalkVendor
from simulator.options import Options
from tests.simulator.dingtalk.helpers import Bot, Json, Sim, ai_card

Start = Callable[..., Awaitable[Sim]]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """The stand-in for the bot, listening."""
    stand_in = Bot()
    app = web.Application()
    app.router.add_post("/callback/dingtalk/robot", stand_in.on_robot)
    app.router.add_post("/callback/dingtalk/card", stand_in.on_card)
    app.router.add_post("/callback/dingtalk/event", stand_in.on_event)
    async with TestServer(app) as server:
        stand_in.base = str(server.make_url("")).rstrip("/")
        yield stand_in


@pytest.fixture
async def start(bot: Bot) -> AsyncIterator[Start]:
    """Starts simulators with the options a test wants."""
    async with AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []

        async def begin(**options: Any) -> Sim:
            app = make_app(Options(**{"callback_base": bot.base, "vendors": ("dingtalk",), **options}))
            server = await stack.enter_async_context(TestServer(app))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            vendor = app[DESK].vendors["dingtalk"]
            assert isinstance(vendor, DingtalkVendor)
            sim = Sim(vendor, str(server.make_url("")).rstrip("/"), http)
            sim.tasks = tasks
            return sim

        yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def sim(start: Start) -> Sim:
    """A simulated DingTalk that posts."""
    return await start()


@pytest.fixture
async def socket_sim(start: Start) -> Sim:
    """A simulated DingTalk that only speaks Stream."""
    return await start(modes={"dingtalk": "socket"})


@pytest.fixture
def decision() -> Json:
    """A card with two buttons that call back and one that opens a page."""
    return ai_card(
        {"text": "同意", "color": "blue", "id": "sa:ap:42", "request": True},
        {"text": "驳回", "color": "red", "id": "sa:no:42", "request": True},
        {"text": "打开", "color": "gray", "url": "https://a.example/x", "iosUrl": "https://a.example/x"},
    )


@pytest.fixture
def form() -> Json:
    """A card of the form template."""
    fields = [
        {"name": "deal_id", "type": "TEXT", "hidden": True, "defaultValue": "42"},
        {"name": "customer", "label": "客户", "type": "TEXT", "required": True},
        {"name": "amount", "label": "金额", "type": "NUMBER", "required": True},
        {
            "name": "stage",
            "label": "阶段",
            "type": "SELECT",
            "options": [{"value": "s1", "text": "线索"}, {"value": "s2", "text": "报价"}],
        },
        {"name": "reason", "label": "原因", "type": "TEXT_AREA", "minRows": 2},
    ]
    return {
        "title": "录单",
        "body": "填一下",
        "form": json.dumps({"fields": fields}, ensure_ascii=False),
        "form_status": "normal",
        "form_btn_text": "保存",
        "buttons": json.dumps([{"text": "算了", "action": "cancel"}], ensure_ascii=False),
    }
