"""What the smart bot says: replies to one turn, changes of a pressed card, and messages out of the blue."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from simulator.chats import Chat
from simulator.messages import Message
from simulator.wecom.botstate import Turn
from simulator.wecom.cards.validate import BOT, BOT_UPDATE, check_card
from simulator.wecom.content import SHOWN_AS
from simulator.wecom.errors import ApiError
from simulator.wecom.limits import PER_CONVERSATION
from simulator.wecom.media import MB, image_mime
from simulator.wecom.platform import Wecom

Json = dict[str, Any]
MARKDOWN_BYTES = 20480
STREAM_SECONDS = 600.0
MAX_IMAGES, IMAGE_BYTES = 10, 10 * MB
FEEDBACK_BYTES = 256
MEDIA_KINDS = ("file", "image", "voice", "video")


def reply(wecom: Wecom, turn: Turn, body: Json, allowed: tuple[str, ...]) -> None:
    """Show one reply to what the bot was told; refuses what the vendor refuses."""
    kind = body.get("msgtype")
    if kind not in allowed:
        raise ApiError(40008, str(kind))
    if kind in ("stream", "stream_with_template_card"):
        _stream(wecom, turn, _part(body, "stream"))
        if kind == "stream_with_template_card" and body.get("template_card") is not None and not turn.carded:
            turn.carded = True
            say_card(wecom, turn.chat, body["template_card"])
        return
    say(wecom, turn.chat, body)


def say(wecom: Wecom, chat: Chat, body: Json) -> None:
    """Show one whole message of the bot in this chat."""
    kind = str(body.get("msgtype"))
    if kind == "template_card":
        say_card(wecom, chat, body.get("template_card"))
        return
    if kind in MEDIA_KINDS:
        media = wecom.media.find(_part(body, kind).get("media_id"), kind)
        _spend(wecom, chat)
        wecom.post(chat, SHOWN_AS.get(kind, kind), blob=media.blob)
        return
    content = _part(body, kind).get("content")
    text = _content(content, empty=False)
    _spend(wecom, chat)
    wecom.post(chat, "text" if kind == "text" else "markdown_v2", text=text)


def say_card(wecom: Wecom, chat: Chat, card: Any) -> None:
    """Show a card; one whose task was used before is shown nowhere."""
    for warning in check_card(card, BOT):
        wecom.warn(f"aibot: {warning}")
    task_id = card.get("task_id")
    _spend(wecom, chat)
    if task_id and task_id in wecom.bot.tasks:
        wecom.warn(f"aibot: task_id {task_id} was used before: nobody sees this card")
        return
    if task_id:
        wecom.bot.tasks.add(task_id)
    wecom.post(chat, "template_card", card=card)


def change_card(wecom: Wecom, turn: Turn, body: Json) -> None:
    """The pressed card looks different, for some people or for all who see it."""
    card, item = body.get("template_card"), turn.item
    if body.get("response_type") != "update_template_card" or turn.kind != "click" or item is None:
        raise ApiError(40008, "only a card click can be answered with update_template_card")
    for warning in check_card(card, BOT_UPDATE):
        wecom.warn(f"aibot: {warning}")
    assert isinstance(card, dict)
    if card.get("task_id") != turn.task_id:
        raise ApiError(40058, "template_card.task_id is not that of the click")
    users = body.get("userids")
    if users is not None and not isinstance(users, list):
        raise ApiError(40058, "userids must be a list")
    if not users:
        item.card_for.clear()
        wecom.redraw(item, card)
        return
    for userid in users:
        person = wecom.directory.person(userid) or wecom.directory.by_open_userid(userid)
        if person is not None:
            item.card_for[person.id] = card
    item.updates += 1
    wecom.world.changed(item)


def _stream(wecom: Wecom, turn: Turn, part: Json) -> None:
    stream_id = part.get("id")
    if not isinstance(stream_id, str) or not stream_id:
        raise ApiError(40058, "stream.id is required")
    finish, shown = part.get("finish") is True, turn.streams.get(stream_id)
    text, images = _content(part.get("content"), empty=True), part.get("msg_item") or []
    if images and not finish:
        raise ApiError(40058, "stream.msg_item goes with finish only")
    if len(str((part.get("feedback") or {}).get("id", "")).encode()) > FEEDBACK_BYTES:
        raise ApiError(40058, f"stream.feedback.id holds {FEEDBACK_BYTES} bytes")
    if wecom.clock.machine() - turn.since > STREAM_SECONDS or (shown is not None and stream_id in turn.finished):
        raise ApiError(846608)
    if shown is None:
        _spend(wecom, turn.chat)
        turn.streams[stream_id] = wecom.post(turn.chat, "markdown_v2", text=text)
    elif shown.text != text:
        _rewrite(wecom, shown, text)
    if finish:
        turn.finished.add(stream_id)
        _pictures(wecom, turn.chat, images)


def _rewrite(wecom: Wecom, item: Message, text: str) -> None:
    item.text = text
    item.updates += 1
    wecom.world.changed(item)


def _pictures(wecom: Wecom, chat: Chat, items: Any) -> None:
    if not isinstance(items, list) or len(items) > MAX_IMAGES:
        raise ApiError(40058, f"stream.msg_item holds at most {MAX_IMAGES}")
    for item in items:
        image = _part(item, "image")
        try:
            data = base64.b64decode(str(image.get("base64", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ApiError(40058, "image.base64 is not base64") from error
        if len(data) > IMAGE_BYTES or hashlib.md5(data).hexdigest() != image.get("md5"):
            raise ApiError(40058, "image.md5 does not match, or the image is too large")
        mime = image_mime(data)
        blob = wecom.world.add_blob(kind="image", name="image", mime=mime, data=data, owner="bot")
        wecom.post(chat, "image", blob=blob)


def _content(value: Any, *, empty: bool) -> str:
    if value is None and empty:
        return ""
    if not isinstance(value, str) or (not value and not empty):
        raise ApiError(44004)
    if len(value.encode()) > MARKDOWN_BYTES:
        raise ApiError(45002, f"content holds {MARKDOWN_BYTES} bytes")
    return value


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    if not isinstance(part, dict):
        raise ApiError(40058, f"{name} is required")
    return part


def _spend(wecom: Wecom, chat: Chat) -> None:
    wecom.limits.spend(f"conversation:{chat.id}", PER_CONVERSATION)
