"""A vendor for tests: seals and signs deliveries as Feishu does, and answers API calls as told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.platforms.base import Accepted, InlineAnswer
from bot.platforms.feishu import Feishu, FeishuKeys
from bot.platforms.feishu.caps import LIMITS
from bot.platforms.pace import Pace
from cards.blocks import Card
from storage.inbox import Inbound

KEYS = FeishuKeys(
    app_id="cli_0123456789abcdef",
    app_secret="secret-of-the-app",
    encrypt_key="encrypt-key-of-the-app",
    verification_token="verification-token-of-the-app",
    api_base="http://127.0.0.1:1",
)
PLAIN_KEYS = FeishuKeys(
    app_id=KEYS.app_id, app_secret=KEYS.app_secret, verification_token=KEYS.verification_token, api_base=KEYS.api_base
)
NOW = 1_764_000_000_000_000
NOW_S = NOW // 1_000_000

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
    """Stands where the product stores events; a closed gate keeps it waiting."""

    answer: InlineAnswer | None = None
    stored: list[Inbound] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def accept(self, inbound: Inbound) -> Accepted:
        known = any(row.id == inbound.id for row in self.stored)
        self.stored.append(inbound)
        await self.gate.wait()
        return Accepted(duplicate=known, answer=self.answer)


def seal(plain: bytes, *, key: str = KEYS.encrypt_key, iv: bytes = bytes(16)) -> str:
    """The `encrypt` text of this plaintext."""
    size = 16 - len(plain) % 16
    return seal_blocks(plain + bytes([size]) * size, key=key, iv=iv)


def seal_blocks(padded: bytes, *, key: str = KEYS.encrypt_key, iv: bytes = bytes(16)) -> str:
    """The same for text that is padded already, rightly or wrongly."""
    encryptor = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(padded) + encryptor.finalize()).decode()


def envelope_of(body: object, *, key: str = KEYS.encrypt_key) -> bytes:
    """The encrypted body that is posted."""
    plain = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return json.dumps({"encrypt": seal(plain, key=key)}).encode()


def signed(raw: bytes, *, key: str = KEYS.encrypt_key, timestamp: str = str(NOW_S)) -> dict[str, str]:
    """The headers of a delivery with this body."""
    made = hashlib.sha256((timestamp + "nonce" + key).encode() + raw).hexdigest()
    return {"X-Lark-Request-Timestamp": timestamp, "X-Lark-Request-Nonce": "nonce", "X-Lark-Signature": made}


def old_signed(raw: bytes, *, token: str = KEYS.verification_token) -> dict[str, str]:
    """The headers of an old card callback."""
    made = hashlib.sha1((str(NOW_S) + "nonce" + token).encode() + raw).hexdigest()
    return {"X-Lark-Request-Timestamp": str(NOW_S), "X-Lark-Request-Nonce": "nonce", "X-Lark-Signature": made}


@dataclass
class Chat:
    """Posts deliveries to an adapter as Feishu would."""

    http: TestClient[web.Request, web.Application]
    intake: Intake

    async def deliver(self, body: object) -> tuple[int, Any]:
        """Encrypts, signs and posts; status and JSON of the answer."""
        raw = envelope_of(body)
        return await self.post(raw, signed(raw))

    async def post(self, raw: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        async with self.http.post("/callback/feishu", data=io.BytesIO(raw), headers=headers or {}) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text


@asynccontextmanager
async def listening(
    keys: FeishuKeys = KEYS, *, answer: InlineAnswer | None = None, now: int = NOW, started: bool = False
) -> AsyncIterator[Chat]:
    """A running callback route; its intake keeps what was accepted. `started`: it may call the vendor too."""
    intake = Intake(answer=answer)
    feishu = Feishu(keys, business_us=lambda: now, machine=lambda: 0.0, pace=Pace(LIMITS, lambda: 0.0))
    app = web.Application(client_max_size=64 << 20)
    for method, path, handler in feishu.listen(intake.accept):
        app.router.add_route(method, path, handler)
    if started:
        await feishu.start()
    server = TestServer(app)
    async with TestClient(server) as http:
        assert server.runner is not None
        assert server.runner.server is not None
        server.runner.server.handler_cancellation = False  # as outside of tests
        yield Chat(http, intake)
    await feishu.stop()


def message(
    text: str = "录单 华东医疗 CT机 120万", *, chat_type: str = "p2p", message_type: str = "text", **more: Any
) -> Json:
    """A message event; `more` replaces fields of the message."""
    content = json.dumps({"text": text}, ensure_ascii=False)
    return event(
        "im.message.receive_v1",
        {
            "sender": {"sender_id": {"open_id": "ou_rep", "user_id": "e33"}, "sender_type": "user"},
            "message": {
                "message_id": "om_1",
                "create_time": str(NOW // 1000 - 2000),
                "chat_id": "oc_1",
                "chat_type": chat_type,
                "message_type": message_type,
                "content": content,
                **more,
            },
        },
    )


def click(value: object = None, **more: Any) -> Json:
    """A card click; `more` adds to the action."""
    action = {"tag": "button", **({} if value is None else {"value": value}), **more}
    return event(
        "card.action.trigger",
        {
            "operator": {"open_id": "ou_boss", "user_id": "u2"},
            "token": "c-update-token",
            "action": action,
            "host": "im_message",
            "context": {"open_message_id": "om_card", "open_chat_id": "oc_1"},
        },
        create_time=str(NOW - 5),
    )


def old_click(value: object) -> Json:
    """A click in the flat form of the old callback."""
    return {
        "open_id": "ou_boss",
        "user_id": "u2",
        "open_message_id": "om_card",
        "open_chat_id": "oc_1",
        "tenant_key": "736588c9260f175e",
        "token": "c-update-token",
        "action": {"value": value, "tag": "button"},
    }


def event(kind: str, event: Json, *, create_time: str = str(NOW // 1000 - 1000)) -> Json:
    """An event in its envelope."""
    return {
        "schema": "2.0",
        "header": {
            "event_id": f"ev-{kind}",
            "event_type": kind,
            "create_time": create_time,
            "token": KEYS.verification_token,
            "app_id": KEYS.app_id,
            "tenant_key": "736588c9260f175e",
        },
        "event": event,
    }


def inbound(body: object) -> Inbound:
    """A stored row with this payload."""
    payload = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Inbound("feishu:a:1", "in:feishu:ou:oc", "message", "feishu", "ou", "oc", payload, NOW, NOW, 0)


Reply = Callable[[web.Request, bytes], Any]


@dataclass
class Call:
    """One request the fake vendor saw."""

    method: str
    path: str
    query: list[tuple[str, str]]
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
        self.answers: dict[str, Any] = {}
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
        path = request.rel_url.raw_path.removeprefix("/feishu/open-apis")
        self.calls.append(Call(request.method, path, list(request.query.items()), dict(request.headers), raw))
        if path == "/auth/v3/tenant_access_token/internal" and f"POST {path}" not in self.answers:
            self.tokens += 1
            token = f"t-token-{self.tokens}"
            return web.json_response({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200})
        known = self.answers.get(f"{request.method} {path}")
        if known is None:
            return web.json_response({"code": 99991201, "msg": "resource not find"}, status=404)
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
        fake.base = f"http://127.0.0.1:{server.port}/feishu"
        yield fake


class Seconds:
    """Machine time that only moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """For who waits by this clock: it moves on."""
        self.now += seconds


def drop_connection(request: web.Request, raw: bytes) -> web.StreamResponse:
    """Closes the connection without an answer, after the call was taken."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
