"""A stand-in for the bot and a driver of the simulator, as the wire and the people see them."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from simulator.company import load_company
from simulator.options import COMPANY_FILE
from simulator.wecom.crypto import aes_key, decrypt, encrypt, signature
from simulator.wecom.vendor import WecomVendor
from simulator.wecom.xml import Fields, read, text_of, write

Json = dict[str, Any]
COMPANY = load_company(COMPANY_FILE, ("wecom",))
APP = COMPANY.wecom
GROUP = COMPANY.groups[0]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
AMR = b"#!AMR\n" + bytes(64)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(64)


class Bot:
    """Takes what the simulator sends and answers what the test wants."""

    def __init__(self) -> None:
        self.base = ""
        self.plain: list[str] = []
        self.queries: list[Json] = []
        self.bodies: list[Json] = []
        self.on_app: Callable[[str], Awaitable[web.Response]] = self.accept
        self.on_bot: Callable[[Json], Awaitable[Json | None]] = self.nothing

    async def accept(self, plain: str) -> web.Response:
        return web.Response()

    async def nothing(self, body: Json) -> Json | None:
        return None

    async def verify(self, request: web.Request) -> web.Response:
        app = request.path.endswith("/app")
        key, receiver = (APP.aes_key, APP.corp_id) if app else (APP.bot_aes_key, "")
        echo = request.query["echostr"]
        self.check(request.query, echo, APP.token if app else APP.bot_token)
        return web.Response(body=decrypt(echo, aes_key(key), receiver))

    async def app(self, request: web.Request) -> web.Response:
        encrypted = text_of(read(await request.text()), "Encrypt")
        self.check(request.query, encrypted, APP.token)
        self.queries.append(dict(request.query))
        plain = decrypt(encrypted, aes_key(APP.aes_key), APP.corp_id).decode()
        self.plain.append(plain)
        return await self.on_app(plain)

    async def bot(self, request: web.Request) -> web.Response:
        encrypted = json.loads(await request.read())["encrypt"]
        self.check(request.query, encrypted, APP.bot_token)
        body = json.loads(decrypt(encrypted, aes_key(APP.bot_aes_key), ""))
        self.bodies.append(body)
        answer = await self.on_bot(body)
        if answer is None:
            return web.Response()
        sealed = encrypt(json.dumps(answer).encode(), aes_key(APP.bot_aes_key), "")
        signed = signature(APP.bot_token, "1700000000", "n", sealed)
        return web.json_response({"encrypt": sealed, "msgsignature": signed, "timestamp": 1700000000, "nonce": "n"})

    @staticmethod
    def check(query: Any, encrypted: str, token: str) -> None:
        if query["msg_signature"] != signature(token, query["timestamp"], query["nonce"], encrypted):
            raise web.HTTPForbidden

    def field(self, name: str, index: int = -1) -> str:
        return text_of(read(self.plain[index]), name)

    def events(self) -> list[str]:
        return [text_of(read(plain), "Event") or text_of(read(plain), "MsgType") for plain in self.plain]


def passive(plain: str) -> web.Response:
    """A passive reply as the bot would send it."""
    sealed = encrypt(plain.encode(), aes_key(APP.aes_key), APP.corp_id)
    signed = signature(APP.token, "1700000001", "n", sealed)
    fields: Fields = [("Encrypt", sealed), ("MsgSignature", signed), ("TimeStamp", 1700000001), ("Nonce", "n")]
    return web.Response(text=write(fields))


class Sim:
    """Talks to one simulator over HTTP, as the bot and as the people."""

    def __init__(self, vendor: WecomVendor, base: str, http: aiohttp.ClientSession) -> None:
        self.vendor = vendor
        self.wecom = vendor.wecom
        self.base = base
        self.http = http
        self.token = ""

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        async with self.http.request(method, self.base + path, **options) as response:
            return response.status, await response.json(content_type=None)

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

    async def send_file(self, name: str, data: bytes, **fields: str) -> Json:
        form = aiohttp.FormData(fields)
        form.add_field("file", io.BytesIO(data), filename=name)
        status, answer = await self.call("POST", "/sim/upload", data=form)
        assert status == 200, answer
        return answer

    async def login(self) -> None:
        params = {"corpid": APP.corp_id, "corpsecret": APP.secret}
        _, data = await self.call("GET", "/wecom/cgi-bin/gettoken", params=params)
        self.token = data["access_token"]

    async def api(self, method: str, path: str, **options: Any) -> Json:
        if not self.token:
            await self.login()
        params = {"access_token": self.token, **options.pop("params", {})}
        status, data = await self.call(method, f"/wecom/cgi-bin/{path}", params=params, **options)
        assert status == 200
        return data

    async def send(self, receiver: str = "m03", **body: Any) -> Json:
        body = {"touser": receiver, "agentid": APP.agent_id, **body}
        return await self.api("POST", "message/send", json=body)

    async def send_card(self, card: Json, receiver: str = "m03", **body: Any) -> Json:
        return await self.send(receiver, msgtype="template_card", template_card=card, **body)

    async def send_text(self, content: str, receiver: str = "m03", **body: Any) -> Json:
        return await self.send(receiver, msgtype="text", text={"content": content}, **body)

    async def update(self, code: str, **body: Any) -> Json:
        return await self.api(
            "POST",
            "message/update_template_card",
            json={"agentid": APP.agent_id, "response_code": code, **body},
        )

    async def put(self, kind: str, name: str, data: bytes, path: str = "media/upload", **params: str) -> Json:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("media", io.BytesIO(data), filename=name)
        return await self.api("POST", path, params={"type": kind, **params}, data=form)


def buttons(task_id: str = "t1", **more: Any) -> Json:
    """A button card with a dropdown."""
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "折扣审批"},
        "task_id": task_id,
        "button_selection": {
            "question_key": "reason",
            "title": "原因",
            "option_list": [{"id": "none", "text": "（请选理由）"}, {"id": "price", "text": "太低"}],
        },
        "button_list": [
            {"text": "同意", "style": 1, "key": "ok"},
            {"text": "驳回", "style": 3, "key": "no"},
            {"type": 1, "text": "详情", "url": "https://h.example/42"},
        ],
        **more,
    }


def vote(task_id: str = "v1", **more: Any) -> Json:
    """A checklist."""
    return {
        "card_type": "vote_interaction",
        "main_title": {"title": "证据"},
        "task_id": task_id,
        "checkbox": {
            "question_key": "ev",
            "mode": 1,
            "option_list": [
                {"id": "q", "text": "报价单", "is_checked": True},
                {"id": "m", "text": "纪要", "is_checked": False},
            ],
        },
        "submit_button": {"text": "提交", "key": "ev:submit"},
        **more,
    }


def choices(task_id: str = "c1", **more: Any) -> Json:
    """Two dropdowns."""
    lists = [
        {
            "question_key": "stage",
            "title": "阶段",
            "option_list": [{"id": "s1", "text": "初访"}, {"id": "s2", "text": "方案"}],
        },
        {"question_key": "prod", "title": "产品", "option_list": [{"id": "p1", "text": "标准版"}]},
    ]
    return {
        "card_type": "multiple_interaction",
        "main_title": {"title": "录入"},
        "task_id": task_id,
        "select_list": lists,
        "submit_button": {"text": "提交", "key": "qe"},
        **more,
    }


def notice(**more: Any) -> Json:
    """A text notice without anything that calls back."""
    return {
        "card_type": "text_notice",
        "main_title": {"title": "缺口"},
        "card_action": {"type": 1, "url": "https://h.example/d"},
        **more,
    }


def news(**more: Any) -> Json:
    """A picture notice."""
    return {
        "card_type": "news_notice",
        "main_title": {"title": "周报"},
        "card_image": {"url": "https://h.example/p.png", "aspect_ratio": 1.6},
        "card_action": {"type": 1, "url": "https://h.example/w"},
        **more,
    }
