"""A stand-in for the bot, which listens by HTTP and, when asked, by Stream; and what tests do with a simulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from simulator.company import load_company
from simulator.dingtalk.cards.templates import AI
from simulator.dingtalk.crypto import EventCrypto
from simulator.dingtalk.vendor import DingtalkVendor
from simulator.options import COMPANY_FILE

Json = dict[str, Any]
COMPANY = load_company(COMPANY_FILE, ("dingtalk",))
APP = COMPANY.dingtalk
CRYPTO = EventCrypto(APP.token, APP.aes_key, APP.app_key)
GROUP = next(group.id for group in COMPANY.groups)
KEYS = {"clientId": APP.app_key, "clientSecret": APP.app_secret}
TOPICS = (("EVENT", "*"), ("CALLBACK", "/v1.0/im/bot/messages/get"), ("CALLBACK", "/v1.0/card/instances/callback"))


class Bot:
    """Takes what is posted, and answers what the test wants."""

    def __init__(self) -> None:
        self.robot: list[Json] = []
        self.cards: list[Json] = []
        self.events: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[Json], Awaitable[web.Response]] = self.accept
        self.event_answer = b"success"
        self.base = ""

    async def accept(self, _: Json) -> web.Response:
        return web.json_response({})

    async def on_robot(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        self.robot.append(await request.json())
        return await self.answer(self.robot[-1])

    async def on_card(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        self.cards.append(await request.json())
        return await self.answer(self.cards[-1])

    async def on_event(self, request: web.Request) -> web.Response:
        sealed, query = (await request.json())["encrypt"], request.query
        assert CRYPTO.signature(query["timestamp"], query["nonce"], sealed) == query["msg_signature"]
        self.events.append(json.loads(CRYPTO.decrypt(sealed)))
        answer = CRYPTO.encrypt(self.event_answer)
        signature = CRYPTO.signature("1700000000000", "n", answer)
        body = {"msg_signature": signature, "timeStamp": "1700000000000", "nonce": "n", "encrypt": answer}
        return web.json_response(body)


class Client:
    """One Stream connection: keeps the frames, acknowledges them as the test wants."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self.silent = False
        self.reply: Callable[[Json], Json | None] = lambda frame: {"response": None}
        self.ended = asyncio.Event()

    async def run(self) -> None:
        try:
            async for message in self.socket:
                frame = json.loads(message.data)
                self.frames.append(frame)
                if not self.silent:
                    system = frame["type"] == "SYSTEM"
                    await self.ack(frame, json.loads(frame["data"]) if system else self.reply(frame))
        finally:
            self.ended.set()

    async def ack(self, frame: Json, data: Any, code: int = 200) -> None:
        headers = {"contentType": "application/json", "messageId": frame["headers"].get("messageId")}
        ack = {"code": code, "message": "OK", "headers": headers, "data": json.dumps(data)}
        await self.socket.send_str(json.dumps(ack))

    def data(self, kind: str = "CALLBACK") -> list[Json]:
        return [json.loads(frame["data"]) for frame in self.frames if frame["type"] == kind]


class Sim:
    """Talks to one simulator over HTTP, as the bot and as the people."""

    def __init__(self, vendor: DingtalkVendor, base: str, http: aiohttp.ClientSession) -> None:
        self.vendor = vendor
        self.state = vendor.dingtalk
        self.base = base
        self.http = http
        self.token = ""
        self.tasks: list[asyncio.Task[None]] = []

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.request(method, self.base + path, **options) as response:
            return response.status, await response.json(content_type=None)

    async def sim(self, name: str, /, **body: Any) -> Json:
        status, data = await self.call("POST", f"/sim/{name}", json=body)
        assert status == 200, data
        return dict(data)

    async def refused(self, name: str, /, **body: Any) -> tuple[int, str]:
        status, data = await self.call("POST", f"/sim/{name}", json=body)
        assert 400 <= status < 500, data
        return status, str(data["error"])

    async def messages(self, chat: str) -> list[Json]:
        _, data = await self.call("GET", "/sim/messages", params={"chat": chat, "platform": "dingtalk"})
        return list(data["messages"])

    async def upload(self, name: str, **fields: str) -> tuple[int, Json]:
        """A person sends a file."""
        form = aiohttp.FormData({"platform": "dingtalk", **fields})
        form.add_field("file", b"bytes", filename=name)
        return await self.call("POST", "/sim/upload", data=form)

    async def login(self) -> str:
        body = {"appKey": APP.app_key, "appSecret": APP.app_secret}
        _, data = await self.call("POST", "/dingtalk/v1.0/oauth2/accessToken", json=body)
        self.token = data["accessToken"]
        return self.token

    async def new(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        """A call to the new host."""
        headers = {"x-acs-dingtalk-access-token": self.token or await self.login()}
        return await self.call(method, f"/dingtalk/v1.0/{path}", headers=headers, **options)

    async def old(self, method: str, path: str, **options: Any) -> Json:
        """A call to the old host, which answers 200 whatever happens."""
        params = {"access_token": self.token or await self.login(), **options.pop("params", {})}
        status, data = await self.call(method, f"/dingtalk-oapi/{path}", params=params, **options)
        assert status == 200
        return dict(data)

    async def card(self, track_id: str, data: Json, to: str = "IM_ROBOT.m01", **more: Any) -> tuple[int, Json]:
        """Create and deliver a card."""
        body = {
            "cardTemplateId": AI,
            "outTrackId": track_id,
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": data},
            "openSpaceId": f"dtv1.card//{to}",
            "imGroupOpenSpaceModel": {"supportForward": False},
            "imRobotOpenSpaceModel": {"supportForward": False},
            "imGroupOpenDeliverModel": {"robotCode": APP.robot_code},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": APP.robot_code},
            **more,
        }
        return await self.new("POST", "card/instances/createAndDeliver", json=body)

    async def ticket(self, topics: Any = TOPICS) -> str:
        body = {**KEYS, "subscriptions": [{"type": kind, "topic": topic} for kind, topic in topics]}
        headers = {"Accept": "application/json"}
        _, data = await self.call("POST", "/dingtalk/v1.0/gateway/connections/open", json=body, headers=headers)
        return str(data["ticket"])

    async def stream(self, topics: Any = TOPICS) -> Client:
        """Another Stream connection."""
        socket = await self.http.ws_connect(
            f"{self.base}/dingtalk/connect", params={"ticket": await self.ticket(topics)}
        )
        client = Client(socket)
        self.tasks.append(asyncio.create_task(client.run()))
        return client


def ai_card(*buttons: Json, title: str = "商机 17", body: str = "等你定", **more: str) -> Json:
    """The variables of a card of the shared AI template."""
    whole = {"order": ["msgTitle", "staticMsgContent", "msgButtons"], "msgButtons": list(buttons)}
    shown = {"flowStatus": "3", "msgTitle": title, "staticMsgContent": body, "msgContent": ""}
    return {**shown, "sys_full_json_obj": json.dumps(whole), **more}
