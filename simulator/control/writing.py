"""Messages of people: mentions, replies, uploads, and their way to the bot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from simulator.company import Person
from simulator.control.desk import Desk, Json, Refused
from simulator.feishu import events
from simulator.messages import Blob, Message
from simulator.world import Chat

MAX_TEXT = 150_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be said; `seen` tells whether the bot gets an event for it."""

    msg_type: str
    content: Json
    text: str
    seen: bool
    mentions: list[Json]
    blob: Blob | None = None


def mentioned(desk: Desk, chat: Chat, text: str, *, mention_bot: bool | None) -> tuple[str, list[Json]]:
    """The text as the vendor sends it, each @name of a group replaced by a key, and the mentions."""
    if chat.kind == "p2p":
        return text, []
    company = desk.feishu.company
    names = {p.name: p.ids() for p in company.people if p.id in chat.members}
    bot_ids = {"union_id": "", "user_id": "", "open_id": company.bot_open_id}
    if chat.bot_in:
        names.update(dict.fromkeys((company.bot_name, *company.bot_aliases), bot_ids))
    if mention_bot and not _calls_bot(desk, chat, text):
        text = f"@{company.bot_name} {text}"
    found: dict[str, Json] = {}

    def replace(match: re.Match[str]) -> str:
        ids = names[match.group(1)]
        is_bot = ids is bot_ids
        entry = found.setdefault(
            ids["open_id"],
            {
                "key": f"@_user_{len(found) + 1}",
                "id": ids,
                "mentioned_type": "bot" if is_bot else "user",
                "name": company.bot_name if is_bot else match.group(1),
                "tenant_key": company.app.tenant_key,
            },
        )
        return str(entry["key"])

    longest_first = sorted(names, key=len, reverse=True)
    pattern = "@(" + "|".join(map(re.escape, longest_first)) + ")"
    return re.sub(pattern, replace, text), list(found.values())


def sees(chat: Chat, mentions: list[Json]) -> bool:
    """True when the bot gets an event: everything in p2p, only its mentions in groups."""
    return chat.bot_in and (chat.kind == "p2p" or any(m["mentioned_type"] == "bot" for m in mentions))


def put(desk: Desk, chat: Chat, person: Person, draft: Draft, parent: Message | None) -> Message:
    """The person's message stands in the chat."""
    feishu = desk.feishu
    now = feishu.clock.now_ms()
    item = Message(
        message_id=feishu.ids.new("om_"),
        chat_id=chat.id,
        seq=feishu.world.next_seq(),
        sender_kind="user",
        sender_id=person.id,
        sender_name=person.name,
        msg_type=draft.msg_type,
        content=json.dumps(draft.content, ensure_ascii=False),
        created_ms=now,
        updated_ms=now,
        text=draft.text,
        blob=draft.blob,
        parent_id=parent.message_id if parent else None,
        root_id=(parent.root_id or parent.message_id) if parent else None,
        mentions=draft.mentions,
    )
    feishu.world.unread_urgents.pop(person.id, None)
    feishu.world.post(item)
    return item


async def send_out(desk: Desk, item: Message, person: Person, *, seen: bool, wait: Any) -> Json:
    """Tell the bot, and answer what the control API answers."""
    answer: Json = {"message_id": item.message_id, "delivered": None}
    if not seen:
        return answer
    task = desk.sender.start(events.received(desk.feishu, item, person), item.chat_id)
    if wait is not False:
        answer["delivered"] = (await task).view()
    return answer


async def say(desk: Desk, body: Json) -> Json:
    """POST /sim/say: a person writes a text in a chat; with "post" as rich text."""
    person = desk.person(body.get("user") or body.get("as"))
    chat = desk.chat(body.get("chat"), person)
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused("说点什么：text")
    if len(text.encode()) > MAX_TEXT:
        raise Refused("太长了，最多 150 KB")
    parent = desk.message(body["reply_to"]) if body.get("reply_to") else None
    if parent is not None and parent.chat_id != chat.id:
        raise Refused("只能回复同一个会话里的消息")
    sent, mentions = mentioned(desk, chat, text, mention_bot=body.get("mention_bot"))
    if body.get("post"):
        rows = [[{"tag": "text", "text": line}] for line in sent.split("\n")]
        draft = Draft("post", {"title": "", "content": rows}, text, sees(chat, mentions), mentions)
    else:
        draft = Draft("text", {"text": sent}, text, sees(chat, mentions), mentions)
    item = put(desk, chat, person, draft, parent)
    return await send_out(desk, item, person, seen=draft.seen, wait=body.get("wait"))


def _calls_bot(desk: Desk, chat: Chat, text: str) -> bool:
    company = desk.feishu.company
    return any(f"@{name}" in text for name in (company.bot_name, *company.bot_aliases))
