"""A simulator and a stand-in for the bot, both on free local ports, for every test of their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.app import make_app
from simulator.clock import Clock
from simulator.company import load_company
from simulator.control.desk import DESK, Desk
from simulator.feishu.crypto import decrypt
from simulator.feishu.http import FEISHU
from simulator.feishu.platform import Feishu
from simulator.options import COMPANY_FILE, Options

Json = dict[str, Any]
COMPANY = load_company(COMPANY_FILE)


class StillClock(Clock):
    """A clock whose machine time moves only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0

    def machine(self) -> float:
        return self.seconds


class Bot:
    """Takes what the simulator sends and answers what the test wants."""

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[Json], Awaitable[web.Response]] = self.accept
        self.url = ""

    async def accept(self, body: Json) -> web.Response:
        if body.get("type") == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        return web.json_response({})

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.requests.append((dict(request.headers), raw))
        data = json.loads(raw)
        if "encrypt" in data:
            data = json.loads(decrypt(data["encrypt"], COMPANY.app.encrypt_key))
        self.bodies.append(data)
        return await self.answer(data)

    def events(self, kind: str = "im.message.receive_v1") -> list[Json]:
        return [b for b in self.bodies if b.get("header", {}).get("event_type") == kind]

    def texts(self) -> list[str]:
        return [json.loads(e["event"]["message"]["content"])["text"] for e in self.events()]


class Sim:
    """Talks to one simulator over HTTP, as the bot and as the people."""

    def __init__(self, desk: Desk, feishu: Feishu, base: str, http: aiohttp.ClientSession) -> None:
        self.desk = desk
        self.feishu = feishu
        self.base = base
        self.http = http
        self.token = ""

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        async with self.http.request(method, self.base + path, **options) as response:
            return response.status, await response.json()

    async def sim(self, name: str, /, **body: Any) -> Json:
        status, data = await self.call("POST", f"/sim/{name}", json=body)
        assert status == 200, data
        return data

    async def refused(self, name: str, /, **body: Any) -> tuple[int, str]:
        status, data = await self.call("POST", f"/sim/{name}", json=body)
        assert 400 <= status < 500, data
        return status, str(data["error"])

    async def messages(self, chat: str) -> list[Json]:
        _, data = await self.call("GET", "/sim/messages", params={"chat": chat})
        found: list[Json] = data["messages"]
        return found

    async def login(self) -> None:
        app = COMPANY.app
        _, data = await self.call(
            "POST",
            "/feishu/open-apis/auth/v3/tenant_access_token/internal",
            json={"app_id": app.app_id, "app_secret": app.app_secret},
        )
        self.token = data["tenant_access_token"]

    async def api(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        if not self.token:
            await self.login()
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.call(method, f"/feishu/open-apis/{path}", headers=headers, **options)

    async def send(self, receiver: str, content: Json, **extra: Any) -> tuple[int, Json]:
        """Send to a person by name, or to a chat by id; a card unless the content is a text."""
        person = COMPANY.find(receiver)
        id_type = "open_id" if person else "chat_id"
        msg_type = extra.pop("msg_type", "text" if set(content) == {"text"} else "interactive")
        body = {
            "receive_id": person.open_id if person else receiver,
            "msg_type": msg_type,
            "content": json.dumps(content, ensure_ascii=False),
            **extra,
        }
        return await self.api("POST", "im/v1/messages", params={"receive_id_type": id_type}, json=body)

    async def sent(self, receiver: str, content: Json, **extra: Any) -> str:
        status, answer = await self.send(receiver, content, **extra)
        assert status == 200, answer
        return str(answer["data"]["message_id"])

    async def patch(self, message_id: str, card: Json) -> tuple[int, Json]:
        return await self.api("PATCH", f"im/v1/messages/{message_id}", json={"content": json.dumps(card)})


Start = Callable[..., Awaitable[Sim]]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """The stand-in for the bot, listening."""
    stand_in = Bot()
    app = web.Application()
    app.router.add_post("/callback/feishu", stand_in.handle)
    async with TestServer(app) as server:
        stand_in.url = str(server.make_url("/callback/feishu"))
        yield stand_in


@pytest.fixture
async def start(bot: Bot) -> AsyncIterator[Start]:
    """Starts simulators with the options a test wants."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> Sim:
            app = make_app(Options(**{"callback": bot.url, **options}))
            server = await stack.enter_async_context(TestServer(app))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Sim(app[DESK], app[FEISHU], str(server.make_url("")).rstrip("/"), http)

        yield begin


@pytest.fixture
async def sim(start: Start) -> Sim:
    """A simulator with default options."""
    return await start()


@pytest.fixture
def still_clock() -> StillClock:
    """A clock whose machine time the test moves."""
    return StillClock()


@pytest.fixture
def plain_company(tmp_path: Path) -> Path:
    """The company with no Encrypt Key."""
    data = json.loads(COMPANY_FILE.read_text("utf-8"))
    data["feishu"]["encrypt_key"] = ""
    path = tmp_path / "company.json"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path


def text(content: str) -> Json:
    return {"tag": "plain_text", "content": content}


def callback(**value: Any) -> list[Json]:
    return [{"type": "callback", "value": value}]


@pytest.fixture
def make_card() -> Callable[..., Json]:
    """Builds a card around some elements."""

    def build(*elements: Json, **root: Any) -> Json:
        return {
            "schema": "2.0",
            "header": {"title": text("标题"), "template": "blue"},
            "body": {"elements": list(elements)},
            **root,
        }

    return build


@pytest.fixture
def deal_card(make_card: Callable[..., Json]) -> Json:
    """A card with a form of three fields and two buttons outside it."""
    options = [{"text": text("初访"), "value": "S1"}, {"text": text("报价"), "value": "S2"}]
    form = {
        "tag": "form",
        "name": "deal",
        "elements": [
            {"tag": "input", "name": "customer", "required": True, "max_length": 10, "label": text("客户")},
            {"tag": "select_static", "name": "stage", "placeholder": text("阶段"), "options": options},
            {"tag": "date_picker", "name": "close"},
            {
                "tag": "button",
                "name": "deal_submit",
                "text": text("提交"),
                "form_action_type": "submit",
                "behaviors": callback(a="deal.create"),
            },
        ],
    }
    agree = {"tag": "button", "text": text("同意"), "behaviors": callback(a="agree")}
    reject = {
        "tag": "button",
        "text": text("驳回"),
        "confirm": {"title": text("确定驳回？"), "text": text("会通知李雷")},
        "behaviors": callback(a="reject"),
    }
    return make_card(form, agree, reject)
