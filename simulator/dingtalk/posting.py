"""Messages as they come to stand in a chat."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from simulator.chats import Chat
from simulator.company import Person
from simulator.dingtalk.content import Said
from simulator.dingtalk.errors import ApiError, invalid
from simulator.dingtalk.platform import Dingtalk
from simulator.messages import Blob, Message

OWN_FILES = "/sim/files/"


def bot_said(dingtalk: Dingtalk, chat: Chat, said: Said, sender: str = "") -> Message:
    """A plain message of the bot, or of a custom robot with a name of its own."""
    blob = find_blob(dingtalk, said) if said.media_id else None
    kind, text = said.kind, said.text
    if kind == "image" and blob is None:
        kind, text = "markdown", f"![]({said.media_id})"
    elif kind == "file" and blob is not None:
        blob, text = replace(blob, name=text), ""
    return put(dingtalk, chat, kind=kind, text=_names(dingtalk, text, said.at), card=said.card, blob=blob, name=sender)


def find_blob(dingtalk: Dingtalk, said: Said) -> Blob | None:
    """The upload a message names; None for a picture of another host; refuses an unknown media id."""
    media_id = said.media_id.rsplit(OWN_FILES, 1)[-1]
    blob = dingtalk.parts.world.blobs.get(media_id)
    if blob is None and said.kind == "image" and media_id.startswith(("http://", "https://")):
        return None
    if blob is None:
        raise invalid("msgParam", "the media id is unknown")
    if (blob.kind == "image") != (said.kind == "image"):
        raise invalid("msgParam", "the media id is of another type")
    return blob


def bot_card(dingtalk: Dingtalk, chat: Chat, text: str, only_for: str | None = None) -> Message:
    """A message that will show an interactive card; `text` stands in the chat list."""
    return put(dingtalk, chat, kind="card", text=text, card={}, only_for=only_for)


def put(
    dingtalk: Dingtalk,
    chat: Chat,
    *,
    kind: str,
    text: str = "",
    card: dict[str, Any] | None = None,
    blob: Blob | None = None,
    person: Person | None = None,
    parent: Message | None = None,
    content: Any = None,
    only_for: str | None = None,
    name: str = "",
) -> Message:
    """The message stands in the chat; without `person` it is the bot's."""
    world, now = dingtalk.parts.world, dingtalk.parts.clock.now_ms()
    item = Message(
        message_id=dingtalk.parts.ids.new("msg", length=22) + "==",
        chat_id=chat.id,
        seq=world.next_seq(),
        sender_kind="user" if person else "bot",
        sender_id=person.id if person else "bot",
        sender_name=person.name if person else name or dingtalk.company.bot_name,
        msg_type=kind,
        content=json.dumps(content if content is not None else {"text": text}, ensure_ascii=False),
        created_ms=now,
        updated_ms=now,
        text=text,
        card=card,
        blob=blob,
        parent_id=parent.message_id if parent else None,
        root_id=(parent.root_id or parent.message_id) if parent else None,
        only_for=only_for,
    )
    world.post(item)
    return item


def show_refused(dingtalk: Dingtalk, chat: Chat, error: ApiError) -> None:
    """The vendor's code stands in the chat that a refused call was meant for."""
    dingtalk.parts.world.show_error(chat.id, None, error.code, error.message)


def _names(dingtalk: Dingtalk, text: str, at: tuple[str, ...]) -> str:
    """The text with the names of the people it calls."""
    for key in at:
        person = dingtalk.directory.person(key) or dingtalk.directory.by_mobile(key)
        if person is not None:
            text = text.replace(f"@{key}", f"@{person.name}")
    return text
