"""Send, reply, read and list messages."""

from __future__ import annotations

from simulator.chats import Chat
from simulator.feishu.api import shape
from simulator.feishu.content import Content, read_content
from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok
from simulator.feishu.limits import PER_TARGET
from simulator.feishu.platform import Feishu
from simulator.messages import Message

MAX_PAGE = 50


async def send(request: Request) -> Json:
    """POST im/v1/messages: the message stands in the chat, once per uuid and hour."""
    body, feishu = request.body(), request.feishu
    repeated = _repeated(feishu, body)
    if repeated is not None:
        return repeated
    chat = _receiver(feishu, request.query("receive_id_type", "open_id"), str(body.get("receive_id", "")))
    _check_reachable(feishu, chat)
    content = read_content(feishu, body.get("msg_type"), body.get("content"))
    if body["msg_type"] == "system" and chat.kind != "p2p":
        raise ApiError(230001, "system messages can only be sent to a p2p chat")
    feishu.limits.spend(f"chat:{chat.id}", PER_TARGET)
    item = store(feishu, chat, body, content)
    feishu.once.remember(body.get("uuid"), item.message_id)
    return ok(shape.message(feishu, item))


async def reply(request: Request) -> Json:
    """POST im/v1/messages/:id/reply: as send, tied to the message replied to."""
    body, feishu = request.body(), request.feishu
    repeated = _repeated(feishu, body)
    if repeated is not None:
        return repeated
    parent = feishu.message(request.path("id"))
    if parent.recalled:
        raise ApiError(230011)
    chat = feishu.chat(parent.chat_id)
    content = read_content(feishu, body.get("msg_type"), body.get("content"))
    feishu.limits.spend(f"chat:{chat.id}", PER_TARGET)
    item = store(feishu, chat, body, content, parent=parent)
    feishu.once.remember(body.get("uuid"), item.message_id)
    return ok(shape.message(feishu, item))


async def get(request: Request) -> Json:
    """GET im/v1/messages/:id: one message the bot can see."""
    item = request.feishu.message(request.path("id"))
    original = request.query("card_msg_content_type") == "user_card_content"
    return ok({"items": [shape.message(request.feishu, item, original_card=original)]})


async def history(request: Request) -> Json:
    """GET im/v1/messages: messages of one chat, page by page."""
    feishu = request.feishu
    if request.query("container_id_type") != "chat":
        raise ApiError(230001, "container_id_type must be chat")
    chat = feishu.chat(request.query("container_id"))
    start, end = number(request, "start_time", 0), number(request, "end_time", 0)
    found = [m for m in chat.messages if m.created_ms >= start * 1000 and m.only_for is None]
    if end:
        found = [m for m in found if m.created_ms <= end * 1000]
    if request.query("sort_type") == "ByCreateTimeDesc":
        found.reverse()
    size = min(number(request, "page_size", 20), MAX_PAGE)
    first = number(request, "page_token", 0)
    more = first + size < len(found)
    items = [shape.message(feishu, m, original_card=False) for m in found[first : first + size]]
    return ok({"items": items, "has_more": more, "page_token": str(first + size) if more else ""})


def number(request: Request, name: str, default: int) -> int:
    """A query parameter that must be a whole number."""
    text = request.query(name)
    if not text:
        return default
    if not text.isdigit():
        raise ApiError(99992402, f"{name} is invalid")
    return int(text)


def store(
    feishu: Feishu,
    chat: Chat,
    body: Json,
    content: Content,
    *,
    parent: Message | None = None,
    only_for: str | None = None,
) -> Message:
    """Put a message of the bot into the chat."""
    now = feishu.clock.now_ms()
    item = Message(
        message_id=feishu.ids.new("om_"),
        chat_id=chat.id,
        seq=feishu.world.next_seq(),
        sender_kind="bot",
        sender_id="bot",
        sender_name=feishu.company.bot_name,
        msg_type=body["msg_type"],
        content=body["content"],
        created_ms=now,
        updated_ms=now,
        text=content.text,
        card=content.card,
        blob=content.blob,
        parent_id=parent.message_id if parent else None,
        root_id=(parent.root_id or parent.message_id) if parent else None,
        only_for=only_for,
    )
    feishu.world.post(item)
    return item


def _repeated(feishu: Feishu, body: Json) -> Json | None:
    made = feishu.once.made(body.get("uuid"))
    if made is None or made not in feishu.world.messages:
        return None
    return ok(shape.message(feishu, feishu.world.messages[made]))


def _receiver(feishu: Feishu, id_type: str, receive_id: str) -> Chat:
    if id_type == "chat_id":
        chat = feishu.world.chats.get(receive_id)
        if chat is None:
            raise ApiError(230002)
        return chat
    person = feishu.person(id_type, receive_id)
    if person is None:
        raise ApiError(99992351)
    return feishu.world.p2p(person)


def _check_reachable(feishu: Feishu, chat: Chat) -> None:
    if not chat.bot_in:
        raise ApiError(230013 if chat.kind == "p2p" else 230002)
