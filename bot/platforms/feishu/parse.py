"""A stored payload as an event of the product. Nothing here raises on what a payload may hold."""

from __future__ import annotations

from typing import Any

import orjson

from bot.platforms.feishu.content import read_content, read_mentions
from bot.platforms.feishu.envelope import clicked_place, text
from bot.platforms.feishu.plain import one_line
from bot.platforms.feishu.values import form_values, read_action
from handlers.events import BotAdded, BotRemoved, ChatEntered, Clicked, Event, MenuPicked, Said


def parse(payload: bytes, bot_open_id: str) -> Event | None:
    """The event in a verified, decrypted payload; None when there is nothing to do."""
    try:
        body = orjson.loads(payload)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    if "schema" not in body and "open_message_id" in body:
        return _clicked(body.get("action"), text(body, "open_message_id"))
    event = body.get("event")
    if not isinstance(event, dict):
        return None
    if "schema" not in body:
        return ChatEntered() if event.get("type") == "p2p_chat_create" else None
    return _event(text(body.get("header"), "event_type"), body, event, bot_open_id)


def _event(kind: str, body: dict[str, Any], event: dict[str, Any], bot_open_id: str) -> Event | None:
    match kind:
        case "im.message.receive_v1":
            return _said(event.get("message"), bot_open_id)
        case "card.action.trigger":
            return _clicked(event.get("action"), clicked_place(body, "open_message_id"))
        case "im.chat.access_event.bot_p2p_chat_entered_v1":
            return ChatEntered()
        case "im.chat.member.bot.added_v1":
            return BotAdded(chat_name=one_line(text(event, "name")))
        case "im.chat.member.bot.deleted_v1" | "im.chat.disbanded_v1":
            return BotRemoved()
        case "application.bot.menu_v6":
            key = text(event, "event_key")
            return MenuPicked(key) if key else None
    return None


def _said(message: object, bot_open_id: str) -> Said | None:
    if not isinstance(message, dict):
        return None
    mentions = read_mentions(message.get("mentions"), bot_open_id)
    content = read_content(text(message, "message_type"), message.get("content"), mentions)
    direct = message.get("chat_type") == "p2p"
    return Said(
        message_id=text(message, "message_id"),
        text=content.text,
        direct=direct,
        addressed=direct or mentions.bot,
        files=tuple(content.files),
        parent_id=text(message, "parent_id"),
        kind=content.kind,
    )


def _clicked(action: object, message_id: str) -> Clicked:
    given = action if isinstance(action, dict) else {}
    asked = read_action(given.get("value"), given.get("name"))
    return Clicked(
        message_id=message_id,
        action=asked.name,
        subject=asked.subject,
        stamp=asked.stamp,
        args=asked.args,
        values=form_values(given),
    )
