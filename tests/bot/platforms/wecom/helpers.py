"""A vendor for tests: seals and signs deliveries as WeCom does (by wechatpy), and answers API calls as told."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from wechatpy import utils  # type: ignore[import-untyped]  # wechatpy has no types
from wechatpy.enterprise import crypto  # type: ignore[import-untyped]  # the same

from bot.platforms.base import Accepted, InlineAnswer
from bot.platforms.callbacks import Refused
from bot.platforms.pace import Pace
from bot.platforms.wecom import Wecom, WecomKeys
from bot.platforms.wecom.caps import LIMITS
from bot.platforms.wecom.chats import ID_CHARS
from bot.platforms.wecom.envelope import Reader, Unnamed
from cards.blocks import Card
from storage.inbox import Inbound

KEYS = WecomKeys(
    corp_id="ww0000000000000001",
    agent_id=1000002,
    secret="secret-of-the-app",
    token="simtoken",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    bot_token="bottoken",
    bot_aes_key="GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba",
    api_base="http://127.0.0.1:1",
)
SOCKET_KEYS = replace(KEYS, mode="socket", bot_id="aib1", bot_secret="secret-of-the-bot")
NOW = 1_764_000_000_000_000
NOW_S = NOW // 1_000_000
APP, BOT = "/callback/wecom/app", "/callback/wecom/bot"

Json = dict[str, Any]


@dataclass
class Answer:
    """An inline answer that remembers whether it was written."""

    toast: str = ""
    card: Card | None = None
    wrote: int = 0

    async def written(self) -> None:
        self.wrote += 1


@dataclass
class Intake:
    """Stands where the product stores events; it fails as often as told."""

    answer: InlineAnswer | None = None
    stored: list[Inbound] = field(default_factory=list)
    fails: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, inbound: Inbound) -> Accepted:
        if self.fails:
            self.fails -= 1
            raise OSError("no disk")
        known = any(row.id == inbound.id for row in self.stored)
        self.stored.append(inbound)
        self.arrived.set()
        return Accepted(duplicate=known, answer=self.answer)

    async def next(self) -> Inbound:
        """The newest row, once there is one more."""
        await asyncio.wait_for(self.arrived.wait(), 5)
        self.arrived.clear()
        return self.stored[-1]


def sign(token: str, *parts: str) -> str:
    """The vendor's signature."""
    signer = utils.WeChatSigner()
    signer.add_data(token, *parts)
    made: str = signer.signature
    return made


def seal(plain: bytes | str, *, key: str = KEYS.aes_key, receive_id: str = KEYS.corp_id) -> str:
    """The encrypted text of a message."""
    made: bytes = crypto.PrpCrypto(crypto.WeChatCrypto("", key, "").key).encrypt(plain, receive_id)
    return made.decode()


@dataclass
class Chat:
    """Posts deliveries to an adapter as WeCom would."""

    http: TestClient[web.Request, web.Application]
    intake: Intake

    async def app(self, plain: str | bytes, *, timestamp: str = str(NOW_S), **given: str) -> tuple[int, bytes]:
        """Seals, signs and posts a message of the app's kind; `given` replaces parts."""
        sealed = given.get("sealed") or seal(plain, receive_id=given.get("receive_id", KEYS.corp_id))
        outer = given.get("outer") or (
            f"<xml><ToUserName><![CDATA[{KEYS.corp_id}]]></ToUserName><AgentID><![CDATA[{KEYS.agent_id}]]></AgentID>"
            f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        )
        query = {
            "timestamp": timestamp,
            "nonce": "n0nce",
            "msg_signature": sign(KEYS.token, timestamp, "n0nce", sealed),
        }
        query["msg_signature"] = given.get("signature", query["msg_signature"])
        return await self.post(APP, query, outer.encode())

    async def bot(self, body: object, *, timestamp: str = str(NOW_S), receive_id: str = "") -> tuple[int, bytes]:
        """The same for the smart bot."""
        plain = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        sealed = seal(plain, key=KEYS.bot_aes_key, receive_id=receive_id)
        signature = sign(KEYS.bot_token, timestamp, "n0nce", sealed)
        query = {"timestamp": timestamp, "nonce": "n0nce", "msg_signature": signature}
        return await self.post(BOT, query, json.dumps({"encrypt": sealed}).encode())

    async def post(self, path: str, query: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        async with self.http.post(
            path, params=query, data=io.BytesIO(raw), headers={"Content-Type": "text/xml"}
        ) as response:
            return response.status, await response.read()

    async def get(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        async with self.http.get(path, params=query) as response:
            return response.status, await response.read()


def adapter(keys: WecomKeys = KEYS, *, now: int = NOW, machine: Callable[[], float] = lambda: 0.0) -> Wecom:
    """An adapter with a clock that stands."""

    async def hook_key(name: str) -> str:
        return {"h1": "hook-secret"}.get(name, "")

    pace = Pace(LIMITS, machine)
    return Wecom(keys, business_us=lambda: now, machine=machine, pace=pace, hook_key=hook_key)


@asynccontextmanager
async def listening(
    keys: WecomKeys = KEYS, *, answer: InlineAnswer | None = None, now: int = NOW
) -> AsyncIterator[Chat]:
    """Running callback routes; the intake keeps what was accepted."""
    intake = Intake(answer=answer)
    wecom = adapter(keys, now=now)
    app = web.Application(client_max_size=64 << 20)
    for method, path, handler in wecom.listen(intake.accept):
        app.router.add_route(method, path, handler)
    await wecom.start()
    try:
        server = TestServer(app)
        async with TestClient(server) as http:
            assert server.runner is not None
            assert server.runner.server is not None
            server.runner.server.handler_cancellation = False  # as outside of tests
            yield Chat(http, intake)
    finally:
        await wecom.stop()


@asynccontextmanager
async def calling(keys: WecomKeys = KEYS, **more: Any) -> AsyncIterator[tuple[Wecom, Vendor]]:
    """A started adapter and the vendor it calls."""
    async with vendor() as fake:
        wecom = adapter(replace(keys, api_base=fake.base), **more)
        await wecom.start()
        try:
            yield wecom, fake
        finally:
            await wecom.stop()


def xml(**fields: object) -> str:
    """An app message; a string in CDATA, a number bare, anything else as it is."""

    def one(name: str, value: object) -> str:
        inside = f"<![CDATA[{value}]]>" if isinstance(value, str) else str(value)
        return f"<{name}>{inside}</{name}>"

    base: dict[str, object] = {"ToUserName": KEYS.corp_id, "FromUserName": "LiLei", "CreateTime": NOW_S - 2,
                               "AgentID": KEYS.agent_id}  # fmt: skip
    return "<xml>" + "".join(one(name, value) for name, value in {**base, **fields}.items()) + "</xml>"


def click_xml(key: str, *, selected: str = "", **more: object) -> str:
    """A click on an app card."""
    given = {"MsgType": "event", "Event": "template_card_event", "EventKey": key, "TaskId": "row-1",
             "CardType": "button_interaction", "ResponseCode": "RC1", **more}  # fmt: skip
    return xml(**given).replace("</xml>", f"<SelectedItems>{selected}</SelectedItems></xml>")


def bot_said(content: str = "@助手 录单 华东医疗 CT机 120万", *, sender: object = "LiLei", **more: Any) -> Json:
    """A message to the smart bot in a group."""
    return {
        "msgid": "CAIQ1",
        "aibotid": "aib1",
        "chatid": "wrGroup1",
        "chattype": "group",
        "from": {"userid": sender} if isinstance(sender, str) else sender,
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=CODE1",
        "msgtype": "text",
        "text": {"content": content},
        **more,
    }


def bot_clicked(key: str, *, task: str = "row-1", **more: Any) -> Json:
    """A click on a card of the smart bot."""
    card = {"card_type": "button_interaction", "event_key": key, "task_id": task, **more}
    event = {"eventtype": "template_card_event", "template_card_event": card}
    body = bot_said(msgid="CAIQ2", create_time=NOW_S - 1, msgtype="event", event=event)
    del body["text"]
    return body


def inbound(payload: str | bytes | Json, chat: str = "app:lilei") -> Inbound:
    """A stored row with this payload."""
    raw = (
        payload
        if isinstance(payload, bytes)
        else (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    )
    return Inbound("wecom:c:1", f"in:wecom:lilei:{chat}", "message", "wecom", "lilei", chat, raw, NOW, NOW, 0)


def app_reads(raw: bytes) -> bool:
    """True when an app message is refused as the sender's fault, ignored, or made a sane row."""
    try:
        row = Reader(KEYS).read_app(raw, NOW)
    except Refused as refusal:
        return 400 <= refusal.status < 500
    return row is None or is_sane(row)


def bot_reads(body: Json) -> bool:
    """The same for a message to the smart bot, whose person may be hidden."""
    try:
        row = Reader(KEYS).read_bot(body, b"raw", NOW)
    except Unnamed as unnamed:
        return bool(unnamed.hidden)
    return row is None or is_sane(row)


def is_sane(row: Inbound) -> bool:
    """True for a row that can be stored and worked on."""
    return (
        row.id.startswith(f"wecom:{KEYS.corp_id}:")
        and len(row.id) < 400
        and row.lane == f"in:wecom:{row.account}:{row.chat}"
        and 0 < len(row.account) <= ID_CHARS
        and row.kind in {"message", "click", "chat"}
        and 0 < row.occurred_at <= row.received_at == NOW
    )


@dataclass
class Call:
    """One request the fake vendor saw."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


class Vendor:
    """Answers `method path` with what `on` was given: an object, (status, object), a response, or a list of these."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, list[Any]] = {}
        self.tokens = 0
        self.base = ""

    def on(self, what: str, *answers: Any) -> None:
        """What the vendor answers, one after the other; the last stays."""
        self.answers[what] = list(answers)

    def seen(self, what: str) -> list[Call]:
        """The calls to `method path`."""
        return [call for call in self.calls if f"{call.method} {call.path}" == what]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        raw = await request.read()
        path = request.rel_url.raw_path.removeprefix("/wecom/cgi-bin")
        self.calls.append(Call(request.method, path, dict(request.query), dict(request.headers), raw))
        if path == "/gettoken" and "GET /gettoken" not in self.answers:
            self.tokens += 1
            token = f"token-{self.tokens}"
            return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})
        known = self.answers.get(f"{request.method} {path}")
        if known is None:
            return web.json_response({"errcode": 0, "errmsg": "ok"})
        answer = known.pop(0) if len(known) > 1 else known[0]
        if callable(answer):
            answer = answer(request, raw)
            answer = await answer if hasattr(answer, "__await__") else answer
        if isinstance(answer, web.StreamResponse):
            return answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if isinstance(body, dict):
            return web.json_response(body, status=status)
        return web.Response(text=str(body), status=status, content_type="text/html")


@asynccontextmanager
async def vendor() -> AsyncIterator[Vendor]:
    """A running fake vendor."""
    fake = Vendor()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.base = f"http://127.0.0.1:{server.port}/wecom"
        yield fake


def error(code: int, text: str = "no") -> Json:
    """An error answer."""
    return {"errcode": code, "errmsg": text}


def drop_connection(request: web.Request, raw: bytes) -> web.StreamResponse:
    """Closes the connection without an answer, after the call was taken."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
