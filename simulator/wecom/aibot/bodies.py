"""What the smart bot is told, as JSON; the same body over a callback and over the socket."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from simulator.company import Person
from simulator.messages import Blob, Message
from simulator.wecom.botstate import Turn
from simulator.wecom.crypto import aes_key, seal
from simulator.wecom.directory import open_userid
from simulator.wecom.platform import Wecom

Json = dict[str, Any]
Selected = list[tuple[str, list[str]]]
MEDIA_PATH = "/wecom/aibot/media"


def text(content: str) -> Json:
    """A text; in a group with the @name in it."""
    return {"msgtype": "text", "text": {"content": content}}


def voice(transcript: str) -> Json:
    """What was understood of a recording."""
    return {"msgtype": "voice", "voice": {"content": transcript}}


def media(wecom: Wecom, kind: str, blob: Blob, *, socket: bool) -> Json:
    """A picture, file or film behind a five-minute URL, encrypted with the bot's key or one of its own."""
    key = secrets.token_bytes(32) if socket else aes_key(wecom.app.bot_aes_key)
    name = wecom.ids.new("", length=40)
    wecom.bot.lock(name, seal(blob.data, key))
    part: Json = {"url": f"{wecom.base_url}{MEDIA_PATH}/{name}"}
    if socket:
        part["aeskey"] = base64.b64encode(key).decode()
    return {"msgtype": kind, kind: part}


def mixed(parts: list[Json]) -> Json:
    """Text and pictures in one message."""
    return {"msgtype": "mixed", "mixed": {"msg_item": parts}}


def quoting(body: Json, parent: Message | None) -> Json:
    """The body with the message it answers."""
    if parent is None or not parent.text:
        return body
    return {**body, "quote": {"msgtype": "text", "text": {"content": parent.text}}}


def entered() -> Json:
    """A person opened the chat with the bot."""
    return {"msgtype": "event", "event": {"eventtype": "enter_chat"}}


def click(card: Json, key: str, selected: Selected | None) -> Json:
    """A person pressed something on a card; without `selected` it was the corner menu."""
    event: Json = {
        "card_type": card.get("card_type", ""),
        "event_key": key,
        "task_id": card.get("task_id", ""),
    }
    if selected:
        items = [{"question_key": question, "option_ids": {"option_id": ids}} for question, ids in selected]
        event["selected_items"] = {"selected_item": items}
    return {"msgtype": "event", "event": {"eventtype": "template_card_event", "template_card_event": event}}


def refresh(stream_id: str) -> Json:
    """How does this reply go on?"""
    return {"msgtype": "stream", "stream": {"id": stream_id}}


def told(wecom: Wecom, turn: Turn, body: Json) -> Json:
    """The body with who said it where; an answer URL only for callbacks and not for an entry."""
    head: Json = {"msgid": wecom.ids.new("", length=32), "aibotid": wecom.app.bot_id}
    if body["msgtype"] == "event":
        head["create_time"] = wecom.clock.now_ms() // 1000
    if turn.kind != "enter":
        head["chattype"] = "group" if turn.chat.kind == "group" else "single"
        if turn.chat.kind == "group":
            head["chatid"] = turn.chat.id
    head["from"] = {"userid": _userid(wecom, turn.person)}
    if turn.answer_code:
        head["response_url"] = f"{wecom.base_url}/wecom/cgi-bin/aibot/response?response_code={turn.answer_code}"
    return {**head, **body}


def _userid(wecom: Wecom, person: Person) -> str:
    return person.userid if wecom.clear_userids else open_userid(person)
