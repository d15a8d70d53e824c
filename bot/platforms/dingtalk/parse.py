"""A stored payload as an event of the product. Nothing here raises on what a payload may hold."""

from __future__ import annotations

from typing import Any

import orjson

from bot.platforms.dingtalk import envelope
from bot.platforms.dingtalk.content import read_content, text
from bot.platforms.dingtalk.envelope import is_group
from bot.platforms.dingtalk.plain import one_line
from bot.platforms.dingtalk.tracks import words_id
from bot.platforms.dingtalk.values import read_click
from handlers.events import BotRemoved, Clicked, Event, PeopleLeft, Said
from storage.inbox import Inbound


def parse(inbound: Inbound) -> Event | None:
    """The event in a stored row; None when there is nothing to do, as for a button that is not ours."""
    try:
        body = orjson.loads(inbound.payload)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    match inbound.kind:
        case "message":
            return _said(body)
        case "click":
            return _clicked(body)
        case "chat":
            return _happened(body)
    return None


def _happened(body: dict[str, Any]) -> Event | None:
    match body.get("EventType"):
        case envelope.GONE_GROUP:
            return BotRemoved()
        case envelope.GONE_PEOPLE:
            accounts = body.get("userId")
            return PeopleLeft(tuple(str(each) for each in accounts)) if isinstance(accounts, list) else None
    return None


def _said(body: dict[str, Any]) -> Said:
    direct = not is_group(body)
    content = read_content(body, direct=direct)
    return Said(
        message_id=text(body, "msgId"),
        text=content.text,
        direct=direct,
        addressed=direct or body.get("isInAtList", True) in (True, "true"),
        files=tuple(content.files),
        parent_id=_parent(body),
        kind=content.kind,
        chat_name="" if direct else one_line(text(body, "conversationTitle"))[:60],
    )


def _parent(body: dict[str, Any]) -> str:
    """The quoted message: by the key its sending gave us when it is ours, else by the vendor's id."""
    if key := text(body, "originalProcessQueryKey"):
        return words_id(key, text(body, "conversationId") if is_group(body) else "")
    said = body.get("text")
    replied = said.get("repliedMsg") if isinstance(said, dict) else None
    return text(replied, "msgId") or text(body, "originalMsgId")


def _clicked(body: dict[str, Any]) -> Clicked | None:
    pressed = read_click(body)
    if pressed is None:
        return None
    return Clicked(
        message_id=text(body, "outTrackId"),
        action=pressed.action.name,
        subject=pressed.action.subject,
        stamp=pressed.action.stamp,
        args=pressed.action.args,
        values=pressed.values,
    )
