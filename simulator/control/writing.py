"""POST /sim/say: a person writes a text in a chat."""

from __future__ import annotations

from simulator.control.desk import Desk, where, who
from simulator.vendor import Json, Refused, Said


async def say(desk: Desk, body: Json) -> Json:
    """The text stands in the chat; with "post" as rich text where the vendor has it."""
    person = who(desk, body)
    chat = where(desk, body, person)
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused("说点什么：text")
    parent = desk.message(body["reply_to"]) if body.get("reply_to") else None
    if parent is not None and parent.chat_id != chat.id:
        raise Refused("只能回复同一个会话里的消息")
    said = Said(
        text,
        parent=parent,
        mention_bot=bool(body.get("mention_bot")),
        rich=bool(body.get("post")),
        wait=body.get("wait") is not False,
    )
    return await desk.vendor_of(chat).say(person, chat, said)
