"""Everything the control API works with, and how it finds people and chats and refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.chats import FACES, Chat
from simulator.company import Person
from simulator.messages import Message
from simulator.vendor import Due, Json, Parts, Refused, Vendor

LOG = logging.getLogger("simulator.control")


@dataclass(frozen=True, slots=True)
class Desk:
    """One simulator as the control API sees it."""

    parts: Parts
    vendors: dict[str, Vendor]

    def person(self, key: Any) -> Person:
        """The person with this id, name or open_id."""
        person = self.parts.company.find(str(key)) if key else None
        if person is None:
            raise Refused(f"没有这个人：{key}" if key else "要说明是谁：user", 404 if key else 400)
        return person

    def vendor(self, key: Any) -> Vendor:
        """The vendor of this name; without a name the first one that is on."""
        if not key:
            return next(iter(self.vendors.values()))
        if str(key) not in self.vendors:
            raise Refused(f"没有这个平台：{key}。有：{'、'.join(self.vendors)}", 404)
        return self.vendors[str(key)]

    def vendor_of(self, chat: Chat) -> Vendor:
        """The vendor a chat belongs to."""
        return self.vendors[chat.platform]

    def chat(self, key: Any, person: Person | None = None, *, platform: Any = None, face: Any = None) -> Chat:
        """The chat with this id or group name; without a key the person's own, on the platform or where they live."""
        world = self.parts.world
        if not key:
            if person is None:
                raise Refused("要说明哪个会话：chat")
            return self._direct(person, self.vendor(platform).name if platform else person.home, face)
        chat = world.chats.get(str(key))
        if chat is None:
            chat = next((c for c in world.chats.values() if c.kind == "group" and c.name == key), None)
        if chat is None:
            raise Refused(f"没有这个会话：{key}", 404)
        if person is not None and person.id not in chat.members:
            raise Refused(f"{person.name}不在「{chat.name}」里", 403)
        return chat

    def message(self, key: Any) -> Message:
        """The message with this id."""
        message = self.parts.world.messages.get(str(key))
        if message is None:
            raise Refused(f"没有这条消息：{key}", 404)
        return message

    def next_due(self) -> Due | None:
        """The next thing any vendor does by itself."""
        found = [due for due in (vendor.next_due() for vendor in self.vendors.values()) if due is not None]
        return min(found, key=lambda due: due.at, default=None)

    async def settle(self) -> None:
        """Let every vendor do what is due by now."""
        for vendor in self.vendors.values():
            await vendor.settle()

    def reset(self) -> None:
        """The company as at the start; clock, callback URLs and tokens stay."""
        self.parts.world.reset()
        for vendor in self.vendors.values():
            vendor.reset()
        self.parts.calls.clear()

    def _direct(self, person: Person, platform: str, face: Any) -> Chat:
        if face and face not in FACES[platform]:
            raise Refused(f"没有这种单聊：{face}。有：{'、'.join(FACES[platform])}", 404)
        return self.parts.world.p2p(person, platform, str(face or ""))


DESK = web.AppKey("desk", Desk)
Work = Callable[[Desk, Json], Awaitable[Json]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(work: Work) -> Handler:
    """A handler that reads a JSON object, answers JSON, and turns every refusal into 4xx."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await reply(request, lambda body: work(request.app[DESK], body))

    return handle


async def reply(request: web.Request, work: Callable[[Json], Awaitable[Json]]) -> web.StreamResponse:
    """Run the work with the request's data and answer its result."""
    try:
        return as_json(await work(await _data(request)))
    except Refused as refused:
        return as_json({"error": refused.text}, refused.status)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        LOG.exception("a request of an unexpected shape: %s %s", request.method, request.path)
        return as_json({"error": "请求里有看不懂的内容"}, 400)


def as_json(data: Json, status: int = 200) -> web.Response:
    """A JSON answer with Chinese left readable."""
    return web.json_response(data, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))


async def _data(request: web.Request) -> Json:
    if request.method in ("GET", "DELETE"):
        return dict(request.query)
    raw = await request.read()
    try:
        data = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refused("请求不是 JSON") from error
    if not isinstance(data, dict):
        raise Refused("请求要是一个 JSON 对象")
    return data


def who(desk: Desk, body: Json) -> Person:
    """The person who acts: user, or as."""
    return desk.person(body.get("user") or body.get("as"))


def where(desk: Desk, body: Json, person: Person) -> Chat:
    """The chat they act in: `chat`, else their own on `platform` (and `face`), else on the one they live in."""
    return desk.chat(body.get("chat"), person, platform=body.get("platform"), face=body.get("face"))


def text_of(body: Json, name: str) -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(f"缺少 {name}")
    return value


def whole_number(body: Json, name: str, default: int) -> int:
    """A whole number, as JSON or as a query text."""
    value = body.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(f"{name} 要是整数") from error
