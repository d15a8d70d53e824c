"""Everything the control API works with, and how it finds people and chats and refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.company import Person
from simulator.feishu.line import Line
from simulator.feishu.platform import Feishu
from simulator.feishu.sender import Sender
from simulator.messages import Message
from simulator.options import Options
from simulator.world import Chat

Json = dict[str, Any]
LOG = logging.getLogger("simulator.control")


class Refused(Exception):
    """The request cannot be done; the text is Chinese and is shown as it is."""

    def __init__(self, text: str, status: int = 400) -> None:
        self.text = text
        self.status = status
        super().__init__(text)


@dataclass(slots=True)
class Desk:
    """One simulator as the control API sees it."""

    options: Options
    feishu: Feishu
    line: Line
    sender: Sender

    def person(self, key: Any) -> Person:
        """The person with this id, name or open_id."""
        person = self.feishu.company.find(str(key)) if key else None
        if person is None:
            raise Refused(f"没有这个人：{key}" if key else "要说明是谁：user", 404 if key else 400)
        return person

    def chat(self, key: Any, person: Person | None = None) -> Chat:
        """The chat with this id or group name; without a key the person's chat with the bot."""
        world = self.feishu.world
        if not key:
            if person is None:
                raise Refused("要说明哪个会话：chat")
            return world.p2p(person)
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
        message = self.feishu.world.messages.get(str(key))
        if message is None:
            raise Refused(f"没有这条消息：{key}", 404)
        return message


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
