"""A vendor for tests: signs deliveries as DingTalk does, answers API calls as told, and holds Stream connections."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from bot.platforms.base import InlineAnswer
from bot.platforms.dingtalk import Dingtalk, DingtalkKeys
from bot.platforms.dingtalk.caps import LIMITS
from bot.platforms.dingtalk.crypto import Seal, event_signature
from bot.platforms.pace import Pace
from storage.inbox import Inbound
from tests.bot.platforms.feishu.helpers import Answer, Intake, Seconds, drop_connection

__all__ = ["Answer", "Intake", "Seconds", "drop_connection"]

KEYS = DingtalkKeys(
    app_key="dingsimappkey",
    app_secret="sim-app-secret",
    corp_id="dingsimcorp",
    token="simtoken",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    card_secret="sim-api-secret",
    api_base="http://127.0.0.1:1",
    oapi_base="http://127.0.0.1:1",
    public_url="https://deals.example.com",
)
STREAM_KEYS = replace(KEYS, socket=True)
NOW = 1_700_000_100_000_000
STAMP = "1700000000000"

Json = dict[str, Any]


class Meter:
    """Counts what was called."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, what: str, calls: int = 1) -> None:
        self.counts[what] += calls


def adapter(keys: DingtalkKeys = KEYS, *, meter: Meter | None = None, machine: Seconds | None = None) -> Dingtalk:
    """The adapter at a fixed business time."""
    clock = machine or Seconds()
    return Dingtalk(keys, business_us=lambda: NOW, machine=clock, pace=Pace(LIMITS, clock), meter=meter or Meter())


def signed(stamp: str = STAMP, *, secret: str = KEYS.app_secret) -> dict[str, str]:
    """The headers of a robot message."""
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(made).decode()}


def card_signed(stamp: str = STAMP, *, secret: str = KEYS.card_secret) -> dict[str, str]:
    """The headers of a card callback."""
    made = hmac.new(secret.encode(), stamp.encode(), hashlib.sha256).digest()
    return {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": base64.b64encode(made).decode()}


def sealed(event: object, *, owner: str = KEYS.app_key, stamp: str = STAMP) -> tuple[Json, Json]:
    """Query and body of an encrypted event."""
    plain = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
    text = Seal(KEYS.aes_key).close(plain, owner, random=b"0123456789abcdef")
    signature = event_signature(KEYS.token, stamp, "nonce123", text)
    return {"msg_signature": signature, "timestamp": stamp, "nonce": "nonce123"}, {"encrypt": text}


@dataclass
class Chat:
    """Posts deliveries to an adapter as DingTalk would."""

    http: TestClient[web.Request, web.Application]
    intake: Intake
    meter: Meter
    dingtalk: Dingtalk

    async def robot(self, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        return await self.post("robot", body, signed() if headers is None else headers)

    async def card(self, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        return await self.post("card", body, card_signed() if headers is None else headers)

    async def event(self, event: object, **more: Any) -> tuple[int, Any]:
        query, body = sealed(event, **more)
        return await self.post("event", body, {}, query)

    async def post(
        self, route: str, body: object, headers: dict[str, str], query: Json | None = None
    ) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        path = f"/callback/dingtalk/{route}"
        async with self.http.post(path, data=io.BytesIO(raw), headers=headers, params=query or {}) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text


@asynccontextmanager
async def listening(keys: DingtalkKeys = KEYS, *, answer: InlineAnswer | None = None) -> AsyncIterator[Chat]:
    """Running callback routes; their intake keeps what was accepted."""
    intake, meter = Intake(answer=answer), Meter()
    dingtalk = adapter(keys, meter=meter)
    app = web.Application(client_max_size=64 << 20)
    for method, path, handler in dingtalk.listen(intake.accept):
        app.router.add_route(method, path, handler)
    async with TestClient(TestServer(app)) as http:
        yield Chat(http, intake, meter, dingtalk)


def message(**more: Any) -> Json:
    """A text in a group that mentions the bot; `more` replaces fields, None removes one."""
    body: Json = {
        "conversationId": "cidSIMGROUP1==",
        "conversationType": "2",
        "conversationTitle": "销售群",
        "chatbotCorpId": "dingsimcorp",
        "chatbotUserId": "$:LWCP_v1:$bot",
        "senderCorpId": "dingsimcorp",
        "senderStaffId": "m03",
        "senderNick": "李雷",
        "msgId": "msgSIM0001==",
        "createAt": 1_700_000_000_000,
        "isInAtList": True,
        "atUsers": [{"dingtalkId": "$:LWCP_v1:$bot"}],
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=0123abcd",
        "msgtype": "text",
        "text": {"content": " 录单 华东医疗 CT机 120万"},
        **more,
    }
    return {key: value for key, value in body.items() if value is not None}


def direct(**more: Any) -> Json:
    """The same in the direct chat."""
    return message(conversationId="cidDIRECT", conversationType="1", conversationTitle=None, isInAtList=None,
                   atUsers=None, **more)  # fmt: skip


def click(track: str, params: Json, **more: Any) -> Json:
    """A press on a card."""
    content = json.dumps({"cardPrivateData": {"actionIds": ["node_1"], "params": params}}, ensure_ascii=False)
    return {
        "type": "actionCallback",
        "outTrackId": track,
        "corpId": "dingsimcorp",
        "userId": "m02",
        "userIdType": 1,
        "spaceType": "IM_GROUP",
        "spaceId": "cidSIMGROUP1==",
        "extension": "{}",
        "content": content,
        **more,
    }


def inbound(body: object, kind: str = "message") -> Inbound:
    """A stored row with this payload."""
    payload = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Inbound("dingtalk:a:1", "in:dingtalk:u:c", kind, "dingtalk", "u", "c", payload, NOW, NOW, 0)


Reply = Callable[[web.Request, bytes], Any]


@dataclass
class Call:
    """One request the fake vendor saw."""

    method: str
    path: str
    query: Json
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


@dataclass
class Line:
    """One Stream connection as the vendor holds it."""

    ws: web.WebSocketResponse
    ticket: str
    acks: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    pings: int = 0

    async def push(self, kind: str, topic: str, data: object, *, message_id: str = "m_1", **headers: Any) -> None:
        """One frame."""
        given = {"topic": topic, "messageId": message_id, "contentType": "application/json", "time": STAMP, **headers}
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        await self.ws.send_str(
            json.dumps({"specVersion": "1.0", "type": kind, "headers": given, "data": text}, ensure_ascii=False)
        )

    async def ack(self) -> Json:
        """The next acknowledgement, its data read."""
        ack = await asyncio.wait_for(self.acks.get(), 5)
        return {**ack, "data": json.loads(ack["data"])}


class Vendor:
    """Answers `method path` with what `on` was given: an object, (status, object), a response, or a list of these."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, Any] = {}
        self.tokens = 0
        self.base = ""
        self.tickets: list[str] = []
        self.lines: asyncio.Queue[Line] = asyncio.Queue()
        self.deaf = False

    @property
    def keys(self) -> DingtalkKeys:
        """Keys of an app that calls this vendor."""
        return replace(KEYS, api_base=self.base, oapi_base=f"{self.base}/oapi")

    def on(self, what: str, *answers: Any) -> None:
        """What the vendor answers, one after the other; the last stays."""
        self.answers[what] = list(answers)

    def seen(self, what: str) -> list[Call]:
        """The calls to `method path`."""
        return [call for call in self.calls if f"{call.method} {call.path}" == what]

    async def line(self) -> Line:
        """The next Stream connection that was opened."""
        return await asyncio.wait_for(self.lines.get(), 5)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        if request.path == "/connect":
            return await self._hold(request)
        raw = await request.read()
        path = request.rel_url.raw_path
        self.calls.append(Call(request.method, path, dict(request.query), dict(request.headers), raw))
        known = self.answers.get(f"{request.method} {path}")
        if known is None:
            return self._usual(path)
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

    def _usual(self, path: str) -> web.StreamResponse:
        if path == "/v1.0/oauth2/accessToken":
            self.tokens += 1
            return web.json_response({"accessToken": f"token-{self.tokens}", "expireIn": 7200})
        if path == "/v1.0/gateway/connections/open":
            self.tickets.append(f"ticket {len(self.tickets) + 1}&?")
            endpoint = self.base.replace("http", "ws") + "/connect"
            return web.json_response({"endpoint": endpoint, "ticket": self.tickets[-1]})
        return web.json_response({"code": "InvalidAction.NotFound", "message": "no such api"}, status=404)

    async def _hold(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=401)
        ws = web.WebSocketResponse(autoping=not self.deaf)
        await ws.prepare(request)
        line = Line(ws, ticket)
        self.lines.put_nowait(line)
        async for received in ws:
            if received.type is WSMsgType.TEXT:
                line.acks.put_nowait(json.loads(received.data))
            elif received.type is WSMsgType.PING:
                line.pings += 1
        return ws


@asynccontextmanager
async def vendor() -> AsyncIterator[Vendor]:
    """A running fake vendor."""
    fake = Vendor()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{tail:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.base = f"http://127.0.0.1:{server.port}"
        yield fake


@asynccontextmanager
async def calling(keys: DingtalkKeys, meter: Meter | None = None) -> AsyncIterator[Dingtalk]:
    """A started adapter that listens to nothing and registers nothing."""
    dingtalk = adapter(replace(keys, socket=True), meter=meter)
    await dingtalk.start()
    try:
        yield dingtalk
    finally:
        await dingtalk.stop()
