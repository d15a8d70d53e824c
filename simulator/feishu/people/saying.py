"""Messages of people: mentions, replies, uploads, and their way to the bot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from simulator.chats import Chat
from simulator.company import Person
from simulator.feishu import events
from simulator.feishu.platform import Feishu
from simulator.feishu.sender import Sender
from simulator.messages import Blob, Message
from simulator.vendor import Json, Refused, Said, Upload

MAX_TEXT = 150_000
AUDIO_MS = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be said; `seen` tells whether the bot gets an event for it."""

    msg_type: str
    content: Json
    text: str
    seen: bool
    mentions: list[Json]
    blob: Blob | None = None


async def say(feishu: Feishu, sender: Sender, person: Person, chat: Chat, said: Said) -> Json:
    """A person writes a text in a chat; `rich`: as rich text."""
    if len(said.text.encode()) > MAX_TEXT:
        raise Refused("太长了，最多 150 KB")
    sent, mentions = mentioned(feishu, chat, said.text, mention_bot=said.mention_bot)
    if said.rich:
        rows = [[{"tag": "text", "text": line}] for line in sent.split("\n")]
        draft = Draft("post", {"title": "", "content": rows}, said.text, sees(chat, mentions), mentions)
    else:
        draft = Draft("text", {"text": sent}, said.text, sees(chat, mentions), mentions)
    item = put(feishu, chat, person, draft, said.parent)
    return await send_out(feishu, sender, item, person, seen=draft.seen, wait=said.wait)


async def upload(feishu: Feishu, sender: Sender, person: Person, chat: Chat, sent: Upload) -> Json:
    """A person sends a picture, a file or a recording."""
    draft = _draft(feishu, chat, sent.kind, sent.blob, sent.text)
    item = put(feishu, chat, person, draft, None)
    return await send_out(feishu, sender, item, person, seen=draft.seen, wait=sent.wait)


def mentioned(feishu: Feishu, chat: Chat, text: str, *, mention_bot: bool) -> tuple[str, list[Json]]:
    """The text as the vendor sends it, each @name of a group replaced by a key, and the mentions."""
    if chat.kind == "p2p":
        return text, []
    company = feishu.company
    names = {p.name: p.ids() for p in company.people if p.id in chat.members}
    bot_ids = {"union_id": "", "user_id": "", "open_id": company.bot_open_id}
    if chat.bot_in:
        names.update(dict.fromkeys((company.bot_name, *company.bot_aliases), bot_ids))
    if mention_bot and not company.calls_bot(text):
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


def put(feishu: Feishu, chat: Chat, person: Person, draft: Draft, parent: Message | None) -> Message:
    """The person's message stands in the chat."""
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


async def send_out(feishu: Feishu, sender: Sender, item: Message, person: Person, *, seen: bool, wait: bool) -> Json:
    """Tell the bot, and answer what the control API answers."""
    answer: Json = {"message_id": item.message_id, "delivered": None}
    if not seen:
        return answer
    task = sender.start(events.received(feishu, item, person), item.chat_id)
    if wait:
        answer["delivered"] = (await task).view()
    return answer


def _draft(feishu: Feishu, chat: Chat, kind: str, blob: Blob, text: str) -> Draft:
    if kind == "image" and text:
        sent, mentions = mentioned(feishu, chat, text, mention_bot=False)
        rows = [[{"tag": "text", "text": sent}], [{"tag": "img", "image_key": blob.key}]]
        content: Json = {"title": "", "content": rows}
        return Draft("post", content, text, sees(chat, mentions), mentions, blob)
    content = {"image_key": blob.key} if kind == "image" else {"file_key": blob.key}
    if kind in ("file", "media"):
        content["file_name"] = blob.name
    if kind in ("audio", "media"):
        content["duration"] = AUDIO_MS
    return Draft(kind, content, "", sees(chat, []), [], blob)
